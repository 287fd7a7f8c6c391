internal import Dispatch
internal import EventModel
internal import LogStorage
internal import Synchronization

/// An append that waits for a turn in which the projections are asked first.
struct WaitingCheckedAppend: Sendable {
    let append: PreparedAppend
    let complete: @Sendable (Result<AppendResult, AnnalsError>) -> Void
}

/// The checked appends that wait; whoever runs the next turn takes all of them.
final class CheckedQueue: Sendable {
    let waiting = Mutex<[WaitingCheckedAppend]>([])
    let turns = DispatchQueue(label: "annals.checked")

    /// Appends of one turn; what waits beyond it takes the next one.
    static let groupMax = 1_024

    func add(
        _ append: PreparedAppend,
        _ complete: @escaping @Sendable (Result<AppendResult, AnnalsError>) -> Void
    ) {
        waiting.withLock { $0.append(WaitingCheckedAppend(append: append, complete: complete)) }
    }

    func takeGroup() -> [WaitingCheckedAppend] {
        waiting.withLock { waiting in
            let group = Array(waiting.prefix(Self.groupMax))
            waiting.removeFirst(group.count)
            return group
        }
    }
}
