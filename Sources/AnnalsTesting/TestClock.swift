public import EventModel
internal import Synchronization

/// A clock that a test sets: time stands still until the test moves it.
public final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    /// Makes a clock that shows a time; without one, 2026-01-01T00:00:00Z.
    public init(_ start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) {
        time = Mutex(start)
    }

    /// What the clock shows.
    public var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    /// Moves the clock on, or back with a negative number.
    public func advance(milliseconds: Int64) {
        time.withLock { $0 = Timestamp(milliseconds: $0.milliseconds + milliseconds) }
    }

    /// The clock as `EventStore.Options.clock` wants it.
    public var reading: @Sendable () -> Timestamp {
        { self.now }
    }
}
