import Annals
import AnnalsTesting
import EventModel
import GRDB
import LogStorage
import RotationProjection
import Synchronization
import Testing

/// A store with the projection `rotation`, a clock that is set, ids that count and chance with a seed.
final class RotationFixture: Sendable {
    let temporary: TemporaryStore
    let clock: TestClock
    let rotation: RotationStore

    init(options change: (inout RotationStore.Options) -> Void = { _ in }) throws {
        clock = TestClock()
        temporary = try TemporaryStore(.builtIn([Rotation.definition()]), clock: clock)
        var options = RotationStore.Options()
        options.clock = clock.reading
        let next = Mutex(0)
        options.makeID = {
            next.withLock {
                $0 += 1
                return "id-\($0)"
            }
        }
        let dice = Mutex(SeededDice(state: 42))
        options.random = { dice.withLock { Double.random(in: 0..<1, using: &$0) } }
        change(&options)
        rotation = try RotationStore(temporary.store, options: options)
    }

    /// Appends events as another program would.
    func append(_ events: [any RotationEvent]) throws {
        guard !events.isEmpty else { return }
        _ = try temporary.store.appendAndWait(try events.map { try $0.event() })
    }

    /// The types of the events that the log has.
    func types() throws -> [String] {
        var types: [String] = []
        let log = temporary.store.log
        _ = try log.forEachEvent(after: .start, through: try log.head(), limit: .max) { event in
            if !event.stream.hasPrefix("annals/") { types.append(event.type) }
        }
        return types
    }

    /// The rows of a statement, each value as text, NULL as `nil`.
    func rows(_ sql: String) throws -> [[String?]] {
        try temporary.store.reader(of: "rotation").read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { value in
                    switch value.storage {
                    case .null: nil
                    case .int64(let number): String(number)
                    case .double(let number): String(number)
                    case .string(let text): text
                    case .blob(let bytes): "\(bytes.count) bytes"
                    }
                }
            }
        }
    }

    /// Replaying gives what live work gave.
    func expectReplayEqual() throws {
        #expect(try temporary.store.verify("rotation").isEqual)
    }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededDice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
