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
    /// Events of one turn, but for an append that alone has more.
    static let groupEventsMax = 16_384

    func add(
        _ append: PreparedAppend,
        _ complete: @escaping @Sendable (Result<AppendResult, AnnalsError>) -> Void
    ) {
        waiting.withLock { $0.append(WaitingCheckedAppend(append: append, complete: complete)) }
    }

    func takeGroup() -> [WaitingCheckedAppend] {
        waiting.withLock { waiting in
            var count = 0
            var events = 0
            while count < min(waiting.count, Self.groupMax) {
                events += waiting[count].append.count
                guard count == 0 || events <= Self.groupEventsMax else { break }
                count += 1
            }
            let group = Array(waiting.prefix(count))
            waiting.removeFirst(count)
            return group
        }
    }
}
