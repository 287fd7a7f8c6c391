import EventModel
import Foundation
import LogStorage
import Synchronization

/// A log in a temporary folder of its own; the folder goes when the test is done.
final class TestLog: Sendable {
    let folder: String
    let clock = TestClock()

    init() throws {
        folder = NSTemporaryDirectory() + "annals-log-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try EventLog.create(
            folder: folder, id: String(repeating: "a", count: 32), clock: clock.now)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("could not remove \(folder): \(error)")
        }
    }

    func open(
        _ access: EventLog.Access = .readWrite, flushEvents: Int = 65_536
    ) throws -> EventLog {
        try EventLog(
            folder: folder, access: access, flushEvents: flushEvents, clock: clock.now)
    }
}

/// A clock that moves one millisecond with each look, or as it is told.
final class TestClock: Sendable {
    private let time = Atomic<Int64>(1_700_000_000_000)

    var now: @Sendable () -> Timestamp {
        { Timestamp(milliseconds: self.time.add(1, ordering: .relaxed).newValue) }
    }

    func set(_ milliseconds: Int64) { time.store(milliseconds, ordering: .relaxed) }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &self) == 0 }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}

/// A number from the environment, for longer runs of a random test.
func environmentNumber(_ name: String, default standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
}

extension EventLog {
    /// Appends and waits; for tests that do not need the parts.
    @discardableResult
    func add(_ events: [Event], _ condition: AppendCondition = .none) throws -> AppendResult {
        try appendAndWait(PreparedAppend(events, condition: condition))
    }

    /// Copies of the events after a position.
    func events(after: Position = .start, limit: Int = .max) throws -> [RecordedEvent] {
        var found: [RecordedEvent] = []
        _ = try forEachEvent(after: after, through: Position(.max), limit: limit) {
            found.append($0.copy())
        }
        return found
    }

    /// The positions of the events that match a query.
    func positions(_ query: EventQuery, after: Position = .start) throws -> [UInt64] {
        var found: [UInt64] = []
        _ = try read(query, after: after, limit: .max) { found.append($0.position.value) }
        return found
    }
}

/// The code of the error that a body throws; `nil` if it throws none.
func code(_ body: () throws -> Void) throws -> String? {
    do {
        try body()
        return nil
    } catch let error as AnnalsError {
        return error.code
    }
}

func event(
    _ type: String = "a", _ stream: String = "s/1", id: String? = nil, tags: [String] = []
) -> Event {
    Event(type: type, stream: stream, data: "{}", tags: tags, id: id)
}
