public import Annals
public import EventModel
internal import Foundation
internal import GRDB

/// The rotation system on a store: operations are checked and appended as events, reads come from the
/// projection `rotation`.
///
/// Every operation that changes something is one atomic append; it returns when its events are durable and
/// in the projection. A refused one throws `RotationError` and leaves nothing behind.
public final class RotationStore: Sendable {
    /// What an operation needs besides the store; replaced in tests.
    public struct Options: Sendable {
        /// The time of what happens now.
        public var clock: @Sendable () -> Timestamp = EventStore.systemClock
        /// A new id, never given before.
        public var makeID: @Sendable () -> String = { UUID().uuidString.lowercased() }
        /// Chance, from 0 up to but not including 1.
        public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

        /// The machine's clock, version 4 UUIDs, the system's generator.
        public init() {}
    }

    /// The store.
    public let store: EventStore
    let options: Options
    private let reader: ProjectionReader
    /// One choice at a time in this program: choices of others are conflicts, own ones need none.
    let turnstile = Turnstile()

    /// Works on a store that has the projection `rotation`.
    /// - Throws: `PROJECTION_UNKNOWN`.
    public init(_ store: EventStore, options: Options = Options()) throws(AnnalsError) {
        self.store = store
        self.options = options
        reader = try store.reader(of: "rotation")
    }

    /// Now.
    var now: Timestamp { options.clock() }

    /// Appends events, all or none, and returns when they are durable and in the projection.
    func append(
        _ events: [any RotationEvent], condition: AppendCondition = .none
    ) async throws(RotationError) {
        guard !events.isEmpty else { return }
        let now = now
        do {
            var prepared: [Event] = []
            for event in events { prepared.append(try event.event(occurred: now)) }
            _ = try await store.append(prepared, condition: condition)
        } catch {
            throw RotationError(error)
        }
    }

    /// Reads from one snapshot of the projection.
    func read<Result>(_ body: (Database) throws -> Result) throws(RotationError) -> Result {
        do {
            return try reader.read(body)
        } catch {
            throw RotationError.wrapping(error)
        }
    }
}
