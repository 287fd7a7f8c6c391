public import EventModel
internal import Foundation
internal import LogStorage
internal import ProjectionEngine
internal import SQLite

/// A value in a row of a query.
public enum QueryValue: Sendable, Equatable {
    /// SQL NULL.
    case null
    /// A whole number.
    case integer(Int64)
    /// A floating-point number.
    case real(Double)
    /// Text.
    case text(String)
    /// Bytes.
    case blob([UInt8])
}

extension EventStore {
    /// Runs one reading statement on a projection, as it is or as it was.
    ///
    /// Nothing can be changed by it: the file is opened for reading only, and SQLite is told to allow
    /// nothing but reading.
    /// - Parameters:
    ///   - columns: Called once, with the names of the columns.
    ///   - row: Called for each row.
    /// - Throws: `QUERY_REFUSED` or `QUERY_INVALID` with SQLite's message and the column in the text,
    ///   before a row is given; `QUERY_FAILED` with its message when it fails while it runs;
    ///   `FILE_MISSING`, `PROJECTION_CORRUPT` or `PROJECTION_FORMAT` when the file is of no use.
    public func query(
        _ projection: String, _ sql: String, asOf: AsOf? = nil,
        columns: ([String]) throws -> Void, row: ([QueryValue]) throws -> Void
    ) throws(AnnalsError) {
        if let asOf {
            let scratch = try ScratchFolder()
            defer { withExtendedLifetime(scratch) {} }
            let path = "\(scratch.path)/\(projection).sqlite"
            let position = try replay(projection, asOf: asOf, into: path).position
            var now = try recorded(at: position)
            if let time = asOf.time { now = time }
            try ProjectionQuery.run(
                sql, onFile: path, of: projection, now: now, columns: columns, row: row)
            return
        }
        try checkReadable(projection)
        var failure: AnnalsError?
        try onCurrentFile(projection) { _, current throws(AnnalsError) in
            var hasBegun = false
            do throws(AnnalsError) {
                try ProjectionQuery.run(
                    sql, onFile: files.generation(current.file), of: projection, now: nil,
                    begun: { logID in
                        guard logID == logIdentity else { throw foreign(projection, current) }
                        // As in ProjectionReader: a replaced file may run ahead of the new one.
                        guard try state(of: projection)?.current == current else {
                            throw AnnalsError(.unavailable, "FILE_REPLACED", "Another is current.")
                        }
                    },
                    columns: {
                        hasBegun = true
                        try columns($0)
                    }, row: row)
            } catch {
                // What was given out already is not given out again.
                guard hasBegun else { throw error }
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// A file that is there can be read even while the projection's definition is wrong.
    func checkReadable(_ projection: String) throws(AnnalsError) {
        if handles[projection] == nil, try state(of: projection)?.current == nil {
            _ = try handle(projection)
        }
    }

    /// The error of a file that follows another log, as one does that was copied here from elsewhere.
    func foreign(
        _ projection: String, _ generation: ProjectionState.Generation
    ) -> AnnalsError {
        AnnalsError(
            .invalid, "LINEAGE",
            "\(files.generation(generation.file)) follows another log, or this one before it was restored.",
            hint: "Run 'annals rebuild \(projection)'.", context: .init(projection: projection))
    }

    /// When the event at a position was recorded; the epoch's start for position 0.
    private func recorded(at position: Position) throws(AnnalsError) -> Timestamp {
        var recorded = Timestamp(milliseconds: 0)
        guard position > .start else { return recorded }
        do {
            _ = try log.forEachEvent(
                after: Position(position.value - 1), through: position, limit: 1
            ) { recorded = $0.recorded }
        } catch {
            throw storeError(error)
        }
        return recorded
    }
}
