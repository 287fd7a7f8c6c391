public import EventModel

/// The events that match a query after a position: those that are there, then those that come, from
/// this process or another, each once and in order.
public struct EventSubscription: AsyncSequence, Sendable {
    /// One portion is copied out of the log at a time.
    private static let portionMax = 256
    /// Milliseconds between looks at the head for appends of other processes.
    private static let pollMilliseconds = 10

    let log: EventLog
    let query: EventQuery
    let after: Position

    /// Walks the subscription; ends when its task is cancelled.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let log: EventLog
        private let query: EventQuery
        /// Everything up to here was handed out or did not match.
        private var position: Position
        private var portion: [RecordedEvent] = []
        private var index = 0

        init(_ subscription: EventSubscription) {
            log = subscription.log
            query = subscription.query
            position = subscription.after
        }

        /// The next event; `nil` once the task is cancelled.
        ///
        /// - Throws: `AnnalsError` when a record cannot be read.
        public mutating func next() async throws -> RecordedEvent? {
            while index == portion.count {
                if Task.isCancelled { return nil }
                portion.removeAll(keepingCapacity: true)
                index = 0
                // A position is only passed together with its snapshot, so that nothing committed
                // between two looks is stepped over, and positions have no holes to fill later.
                let known = log.watchers.wakeCount
                position = try readPortion()
                if portion.isEmpty {
                    await log.watchers.wait(after: known, atMostMilliseconds: pollMilliseconds)
                }
            }
            defer { index += 1 }
            return portion[index]
        }

        private mutating func readPortion() throws -> Position {
            var portion: [RecordedEvent] = []
            let position = try log.read(query, after: position, limit: portionMax) { event in
                portion.append(event.copy())
            }
            self.portion = portion
            return position
        }
    }

    /// Starts at the subscription's position; every iterator walks for itself.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

extension EventLog {
    /// Follows the log: the events that match, after a position, for ever.
    public func subscribe(
        to query: EventQuery = .all, after: Position = .start
    ) -> EventSubscription {
        EventSubscription(log: self, query: query, after: after)
    }
}
