internal import CloudEvents
internal import EventModel
internal import Gzip
internal import LogStorage

/// The events of some lines, and where the first of them stands.
struct ImportBatch {
    var events: [(event: ImportedEvent, line: Int)] = []
}

/// Cuts a file of events into batches, checking each event as an append would.
struct ImportBatches: ~Copyable {
    private var reader: LineReader
    private let file: String

    /// Events of one commit.
    private static let eventsMax = 1_000
    /// Bytes of lines after which a batch ends early.
    private static let bytesMax = 8 << 20

    init(_ reader: consuming LineReader, file: String) {
        self.reader = reader
        self.file = file
    }

    /// The next batch; `nil` at the end of the file.
    mutating func next() throws -> ImportBatch? {
        var batch = ImportBatch()
        var bytes = 0
        let file = file
        while batch.events.count < Self.eventsMax, bytes < Self.bytesMax {
            guard let line = try reader.next() else { break }
            bytes += line.bytes.count
            do throws(AnnalsError) {
                if let event = try Self.event(line.bytes) {
                    batch.events.append((event, line.number))
                }
            } catch {
                throw Self.placed(error, file, line.number)
            }
        }
        return batch.events.isEmpty ? nil : batch
    }

    /// The event of a line, checked as an append would; `nil` for a blank line.
    private static func event(_ line: Span<UInt8>) throws(AnnalsError) -> ImportedEvent? {
        if isBlank(line) { return nil }
        let imported = try CloudEventDecoder.decode(line)
        try EventCheck.check(imported.event)
        if imported.event.stream.utf8.starts(with: EventStore.reservedPrefix.utf8) {
            throw AnnalsError(
                .invalid, "RESERVED_STREAM",
                "The stream '\(imported.event.stream)' is the store's own.",
                hint: "Leave the store's own events out of the import.")
        }
        return imported
    }

    func progress(_ step: ImportProgress.Step, _ events: Int) -> ImportProgress {
        ImportProgress(
            step: step, events: events, bytes: reader.fileBytesRead, bytesTotal: reader.fileBytes)
    }

    /// The error with the place in the file; a place inside the data moves to the line it stands on.
    static func placed(_ error: AnnalsError, _ file: String, _ line: Int) -> AnnalsError {
        var error = error
        error.context.file = file
        error.context.line = line
        error.context.column = error.context.column ?? 1
        error.message = "\(file):\(line):\(error.context.column ?? 1): \(error.message)"
        return error
    }

    private static func isBlank(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] != 0x20 && bytes[index] != 0x09 {
            return false
        }
        return true
    }
}
