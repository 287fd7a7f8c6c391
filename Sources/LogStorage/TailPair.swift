internal import EventModel
internal import LMDB
internal import Synchronization

/// The tail index, and the one before it, which readers of a slightly older snapshot still need.
struct TailPair: Sendable {
    var current: TailIndex
    private var previous: TailIndex?
    /// After a flush that failed: the number of events in the tail at which it is tried again.
    var flushAgainAt = 0

    init(_ current: TailIndex) { self.current = current }

    /// Starts a new tail behind a flush of the indexes, in the memory of the one that nobody needs now.
    mutating func retire(floor: UInt64) {
        var next = previous.take() ?? TailIndex(floor: floor)
        next.removeAll(floor: floor)
        previous = current
        current = next
        flushAgainAt = 0
    }

    /// Whether the tail before the last flush serves a snapshot.
    func previousServes(floor: UInt64, head: UInt64) -> Bool {
        guard let previous else { return false }
        return previous.floor == floor && previous.covered >= head
    }

    /// Lends the tail before the last flush; only after `previousServes` said yes.
    mutating func withPrevious<R>(_ body: (inout TailIndex) throws -> R) throws -> R? {
        guard var tail = previous.take() else { return nil }
        defer { previous = tail }
        return try body(&tail)
    }
}

extension EventLog {
    /// The position through which the index tables of a snapshot are complete.
    func indexedThrough(in transaction: borrowing ReadTransaction) throws -> UInt64 {
        guard let value = try transaction.value(forKey: StateKey.indexedThrough, in: tables.state),
            value.count == 8
        else {
            throw AnnalsError(
                .corrupt, "LOG_DAMAGED", "The log does not say how far it is indexed.",
                hint: "Run 'annals doctor --rebuild-indexes'.")
        }
        return value.u64(0)
    }

    /// Lends the tail index of a snapshot, with every event up to `head` in it, under its lock.
    ///
    /// It may hold events behind `head` as well: whoever asks it says through which position.
    /// Events that other processes appended are read from their records first: committed events
    /// only, for what a writer has staged lies in an overlay of its own. A snapshot from before the
    /// last two flushes finds no tail here any more and gets one made for it alone.
    func withTail<R>(
        in transaction: borrowing ReadTransaction, head: UInt64, floor known: UInt64? = nil,
        _ body: (inout TailIndex) throws -> R
    ) throws -> R {
        let floor = try known ?? indexedThrough(in: transaction)
        var shared: R?
        try tail.withLock { pair in
            if pair.current.floor < floor { pair.retire(floor: floor) }
            if pair.current.floor == floor {
                try extend(&pair.current, through: head, in: transaction)
                shared = try body(&pair.current)
            } else if pair.previousServes(floor: floor, head: head) {
                shared = try pair.withPrevious(body)
            }
        }
        if let shared { return shared }
        var own = TailIndex(floor: floor)
        try extend(&own, through: head, in: transaction)
        return try body(&own)
    }

    /// Reads records into a tail until it covers `head`.
    func extend(
        _ tail: inout TailIndex, through head: UInt64, in transaction: borrowing ReadTransaction
    ) throws {
        guard tail.covered < head else { return }
        var cursor = try transaction.cursor(in: tables.events)
        var isAtEvent = try cursor.seek(atLeast: tail.covered + 1)
        while tail.covered < head {
            let position = Position(tail.covered + 1)
            guard isAtEvent, cursor.numericKey == position.value else { throw missing(position) }
            tail.add(try RecordDecoder.view(of: cursor.value, at: position))
            isAtEvent = try cursor.next()
        }
    }

    /// The error for a hole in the log.
    func missing(_ position: Position) -> AnnalsError {
        AnnalsError(
            .corrupt, "RECORD_MISSING", "There is no record at position \(position).",
            hint: "Stop writing, keep a copy of the store, and restore a backup.",
            context: .init(position: position))
    }
}
