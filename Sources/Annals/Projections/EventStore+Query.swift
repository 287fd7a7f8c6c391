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
    /// - Throws: `QUERY_REFUSED` or `QUERY_INVALID` with SQLite's message and the column in the text.
    public func query(
        _ projection: String, _ sql: String, asOf: AsOf? = nil,
        columns: ([String]) throws -> Void, row: ([QueryValue]) throws -> Void
    ) throws(AnnalsError) {
        if let asOf {
            let scratch = try ScratchFolder()
            let path = "\(scratch.path)/\(projection).sqlite"
            _ = try replay(projection, asOf: asOf, into: path)
            let position = try position(asOf)
            var now = try recorded(at: position)
            if let time = asOf.time { now = time }
            try ProjectionQuery.run(sql, onFile: path, now: now, columns: columns, row: row)
            return
        }
        guard let current = try state(of: projection)?.current else { throw notBuilt(projection) }
        _ = try handle(projection)
        try ProjectionQuery.run(
            sql, onFile: files.generation(current.file), now: nil, columns: columns, row: row)
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
