internal import CloudEvents
public import EventModel
internal import Foundation
internal import Gzip
internal import LogStorage

/// What an export wrote.
public struct ExportResult: Sendable, Equatable {
    /// Events written.
    public let events: Int
    /// The last position looked at.
    public let position: Position
    /// The epoch of the log: positions of different epochs do not compare.
    public let epoch: UInt64
}

extension EventStore {
    /// Events read per transaction.
    private static var exportPortion: Int { 4_096 }

    /// Writes events as CloudEvents 1.0 JSON lines; gzip by the file's name, `-` for standard output.
    ///
    /// The store's own events (streams that begin with `annals/`) are left out. The file appears under
    /// its name when it is complete.
    /// - Throws: `FILE_…`, `DISK_FULL`, or that a record cannot be read.
    public func exportEvents(
        _ query: EventQuery = .all, after: Position = .start, through: Position? = nil,
        to path: String, progress: (_ done: Position, _ head: Position) -> Void = { _, _ in }
    ) throws(AnnalsError) -> ExportResult {
        try checkOutside(path)
        do {
            var writer =
                path == "-" ? LineWriter(OutputFile.standardOutput()) : try LineWriter(path: path)
            let encoder = CloudEventEncoder()
            let end = try through ?? log.head()
            var position = after
            var line: [UInt8] = []
            while position < end {
                var lines: [UInt8] = []
                var ends: [Int] = []
                let reached = try log.read(
                    query, after: position, through: end, limit: Self.exportPortion
                ) { event in
                    guard !event.isStoresOwn else { return }
                    line.removeAll(keepingCapacity: true)
                    encoder.append(event, to: &line)
                    lines += line
                    ends.append(lines.count)
                }
                var start = 0
                for end in ends {
                    try writer.write(lines.span.extracting(start..<end))
                    start = end
                }
                if reached == position { break }
                position = reached
                progress(position, end)
            }
            let count = writer.lines
            try writer.finish()
            return ExportResult(events: count, position: position, epoch: log.epoch)
        } catch let error as FileError {
            throw Self.importError(error, path)
        } catch {
            throw storeError(error)
        }
    }
}

extension EventStore {
    /// Refuses to write a file where the store keeps its own.
    func checkOutside(_ path: String) throws(AnnalsError) {
        guard path != "-" else { return }
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let folder = URL(fileURLWithPath: files.root).resolvingSymlinksInPath().path
        guard target == folder || target.hasPrefix(folder + "/") else { return }
        throw AnnalsError(
            .invalid, "FILE_INSIDE_STORE", "\(path) lies inside the store.",
            hint: "Name a file outside \(files.root).", context: .init(file: path))
    }
}

extension EventView {
    /// Whether the event is of one of the store's own streams.
    var isStoresOwn: Bool {
        let prefix = Array(EventStore.reservedPrefix.utf8)
        guard streamBytes.count >= prefix.count else { return false }
        return sameBytes(streamBytes.extracting(0..<prefix.count), prefix.span)
    }
}
