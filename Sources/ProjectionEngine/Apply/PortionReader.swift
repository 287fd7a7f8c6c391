import Dispatch
import EventModel
import Synchronization

/// Reads events for the handlers; while one portion is being applied the next one is read on another
/// core.
///
/// To read is to check the log's records, to find the fields in their JSON and to copy what is taken:
/// about half as much work as SQLite has with it. A reader serves one thread that applies.
final class PortionReader: Sendable {
    /// Events of one portion: few enough that its values stay in a core's cache.
    static let eventsMax = 2_048
    /// Bytes of texts after which a portion is closed; its last event may go beyond.
    private static let bytesMax = 4 << 20

    private let source: any EventSource
    private let inputs: HandlerInputs
    private let projection: String
    private let queue = DispatchQueue(label: "annals.read")
    /// Left when the portion that is read ahead is complete.
    private let finished = DispatchGroup()
    private let ahead = Mutex(Ahead())

    /// Which events a portion is to hold.
    private struct Request: Equatable {
        let after: Position
        let through: Position
        let limit: Int
    }

    /// The portion that is read ahead; between two readings it only keeps memory.
    private struct Ahead {
        var request: Request?
        var portion = EventPortion()
        var error: AnnalsError?
    }

    /// Ends the walk over a source when the portion is full.
    private struct Full: Error {}

    init(_ source: any EventSource, _ inputs: HandlerInputs, projection: String) {
        self.source = source
        self.inputs = inputs
        self.projection = projection
    }

    /// Fills a portion with the events after a position: `limit` of them, or as many as fit.
    /// - Precondition: There is an event after the position.
    /// - Throws: what the source throws; `POSITION_MISSING` (corrupt) for a hole.
    func read(
        _ portion: inout EventPortion, after: Position, through: Position, limit: Int
    ) throws(AnnalsError) {
        do {
            try source.checkStop()
        } catch {
            throw Self.sourceError(error)
        }
        let request = Request(
            after: after, through: through, limit: min(limit, Self.eventsMax))
        finished.wait()
        let isReady = try ahead.withLock { (ahead) throws(AnnalsError) -> Bool in
            defer { ahead.request = nil }
            guard ahead.request == request else { return false }
            if let error = ahead.error { throw error }
            swap(&ahead.portion, &portion)
            return true
        }
        if !isReady { try fill(&portion, request) }
    }

    /// Begins to read a portion on another core, for a call of `read` that asks for the same.
    func readAhead(after: Position, through: Position, limit: Int) {
        guard after < through, limit > 0 else { return }
        let request = Request(
            after: after, through: through, limit: min(limit, Self.eventsMax))
        ahead.withLock { $0.request = request }
        queue.async(group: finished) { [self] in
            ahead.withLock { ahead in
                ahead.error = nil
                do throws(AnnalsError) {
                    try fill(&ahead.portion, request)
                } catch {
                    ahead.error = error
                }
            }
        }
    }

    /// Waits for what is being read ahead: from here on nothing of the log is read.
    func finish() { finished.wait() }

    private func fill(
        _ portion: inout EventPortion, _ request: Request
    ) throws(AnnalsError) {
        portion.begin(after: request.after)
        do {
            _ = try source.forEachEvent(
                after: request.after, through: request.through, limit: request.limit
            ) { view in
                guard view.position == portion.end.next else { throw missing(portion.end.next) }
                portion.add(view, inputs)
                if portion.bytes.count >= Self.bytesMax { throw Full() }
            }
        } catch is Full {
            return
        } catch {
            throw Self.sourceError(error)
        }
        guard portion.end > request.after else { throw missing(request.after.next) }
    }

    private func missing(_ position: Position) -> AnnalsError {
        AnnalsError(
            .corrupt, "POSITION_MISSING", "The log has no event at the position \(position).",
            hint: "Verify the log; nothing was stepped over.",
            context: AnnalsError.Context(position: position, projection: projection))
    }

    /// What a source threw, as an error of ours.
    static func sourceError(_ error: any Error) -> AnnalsError {
        if let error = error as? AnnalsError { return error }
        return AnnalsError(
            .unavailable, "LOG_READ", "The log could not be read: \(error).",
            hint: "Repeat; verify the log when it fails again.")
    }
}
