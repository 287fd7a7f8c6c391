internal import CloudEvents
public import EventModel
internal import Foundation
internal import Gzip
internal import LogStorage

/// What an import did.
public struct ImportResult: Sendable, Equatable {
    /// Lines with an event.
    public internal(set) var read = 0
    /// Events appended.
    public internal(set) var appended = 0
    /// Events that were in the log already: same id or place in their stream, same content.
    public internal(set) var skipped = 0
    /// The head afterwards.
    public internal(set) var head = Position.start

    /// Nothing done yet.
    public init() {}
}

/// How far an import is.
public struct ImportProgress: Sendable {
    /// The steps.
    public enum Step: String, Sendable {
        /// Every line is checked before the first is appended.
        case checking
        /// Events are appended.
        case appending
    }

    /// The step.
    public let step: Step
    /// Events looked at in this step.
    public let events: Int
    /// Bytes of the file read in this step.
    public let bytes: Int
    /// The size of the file, if it is known.
    public let bytesTotal: Int?
}

extension EventStore {
    /// Appends the events of a file of CloudEvents 1.0 JSON lines, plain or gzip by the file's name.
    ///
    /// The whole file is checked first: a line that is refused leaves nothing behind. Events that are in
    /// the log already are skipped, so an import that was interrupted is repeated to complete it. The
    /// projections are not asked; call `catchUpAll` afterwards.
    /// - Throws: `IMPORT_…`, `DATA_…` and the like with file, line and column; `FILE_…`; `ID_CONFLICT`,
    ///   `IMPORT_REVISION` for an event that does not fit to what the log has.
    public func importEvents(
        from path: String, progress: (ImportProgress) -> Void = { _ in }
    ) async throws(AnnalsError) -> ImportResult {
        try checkImport(from: path, progress: progress)
        var result = ImportResult()
        try await importChecked(from: path, into: &result, progress: progress)
        return result
    }

    /// Checks every line of a file as an append would, and appends nothing.
    ///
    /// - Parameter name: what errors call the file; its path without one.
    /// - Throws: as `importEvents`, but for what only the log can tell.
    public func checkImport(
        from path: String, named name: String? = nil,
        progress: (ImportProgress) -> Void = { _ in }
    ) throws(AnnalsError) {
        try importing(name ?? path) {
            let reader = try LineReader(path: path)
            // What cannot be read twice would be checked and then be empty.
            guard reader.fileBytes != nil else {
                throw AnnalsError(
                    .invalid, "FILE_NOT_REGULAR", "\(name ?? path) is not a regular file.",
                    hint: "Write it to a file first.", context: .init(file: name ?? path))
            }
            var batches = ImportBatches(reader, file: name ?? path)
            var events = 0
            while let batch = try batches.next() {
                guard !Task.isCancelled else { throw Self.interrupted("nothing was appended") }
                events += batch.events.count
                progress(batches.progress(.checking, events))
            }
        }
    }

    /// Appends the events of a file that `checkImport` has checked.
    ///
    /// When the task is cancelled it stops between two commits and throws `INTERRUPTED`.
    /// - Parameters:
    ///   - name: what errors call the file; its path without one.
    ///   - result: what was done, also when this throws: the events that are counted as appended stay.
    /// - Throws: as `importEvents`.
    public func importChecked(
        from path: String, named name: String? = nil, into result: inout ImportResult,
        progress: (ImportProgress) -> Void = { _ in }
    ) async throws(AnnalsError) {
        let file = name ?? path
        // While one batch is being committed, the next is read and checked.
        var pending: PendingImport?
        do {
            var batches = ImportBatches(try LineReader(path: path), file: file)
            var revisions = ImportRevisions(log: log)
            while let batch = try batches.next() {
                let (events, condition, skipped) = try revisions.resolve(batch, file: file)
                let append = events.isEmpty ? nil : try prepared(events, condition)
                let earlier = pending
                pending = nil
                if let earlier { result.add(try await earlier.finished(in: file)) }
                guard !Task.isCancelled else {
                    throw Self.interrupted(
                        "\(result.appended) events of \(file) were appended and stay, the head is"
                            + " \(try log.head())")
                }
                result.read += batch.events.count
                result.skipped += skipped
                pending = append.map { PendingImport($0, batch, to: log) }
                progress(batches.progress(.appending, result.read))
            }
            let last = pending
            pending = nil
            if let last { result.add(try await last.finished(in: file)) }
            result.head = try log.head()
        } catch {
            // Nothing may still be on its way into the log when the caller hears of the failure.
            if let pending, case .success(let places) = await pending.task.result {
                result.add(places)
            }
            throw importError(error, file)
        }
    }

    private func importing<R>(_ file: String, _ body: () throws -> R) throws(AnnalsError) -> R {
        do { return try body() } catch { throw importError(error, file) }
    }

    /// What importing a file threw, in the store's words.
    private func importError(_ error: any Error, _ file: String) -> AnnalsError {
        if let error = error as? FileError { return Self.importError(error, file) }
        return storeError(error)
    }

    static func importError(_ error: FileError, _ path: String) -> AnnalsError {
        let code =
            switch error.reason {
            case .notFound: "FILE_MISSING"
            case .denied: "NOT_PERMITTED"
            case .full: "DISK_FULL"
            case .system, .compressed: "FILE_FAILED"
            case .busy: "FILE_BUSY"
            case .truncated: "FILE_TRUNCATED"
            case .corrupt: "FILE_CORRUPT"
            case .lineTooLong: "LINE_TOO_LONG"
            }
        let kind: AnnalsError.Kind =
            switch error.reason {
            case .denied, .full, .system, .busy: .unavailable
            default: .invalid
            }
        return AnnalsError(
            kind, code, error.message, hint: error.hint, context: .init(file: path))
    }
}

/// A batch on its way into the log.
private struct PendingImport {
    let task: Task<AppendResult, any Error>
    private let batch: ImportBatch

    init(_ append: PreparedAppend, _ batch: ImportBatch, to log: EventLog) {
        task = Task { try await log.append(append) }
        self.batch = batch
    }

    /// Waits for the commit.
    /// - Throws: what the log throws; a conflict of ids with the place of its line.
    func finished(in file: String) async throws -> AppendResult {
        do {
            return try await task.value
        } catch let error as AnnalsError {
            guard case .id(let id, _) = error.conflict,
                // Of two lines with the id the later one is at fault.
                let line = batch.events.last(where: { $0.event.event.id == id })?.line
            else { throw error }
            throw ImportBatches.placed(error, file, line)
        }
    }
}

extension ImportResult {
    fileprivate mutating func add(_ result: AppendResult) {
        let new = result.places.count { $0.isNew }
        appended += new
        skipped += result.places.count - new
    }
}
