internal import EventModel
internal import LMDB

/// Says in Annals' words what LMDB answered.
func logError(_ error: any Error, whileDoing what: String) -> AnnalsError {
    if let error = error as? AnnalsError { return error }
    if let page = error as? DamagedPage {
        return AnnalsError(
            .corrupt, "LOG_DAMAGED", "The log failed while \(what): \(page).", hint: restoreHint)
    }
    guard let error = error as? LMDBError else {
        return AnnalsError(.unavailable, "LOG_FAILED", "The log failed while \(what): \(error).")
    }
    let (kind, code, hint): (AnnalsError.Kind, String, String) =
        switch error.cause {
        case .mapFull:
            (.unavailable, "LOG_FULL", "The log has reached the size it was opened for.")
        case .mapOutgrown:
            (.unavailable, "LOG_OUTGROWN", "Another process made the log larger: open it again.")
        case .diskFull:
            (.unavailable, "DISK_FULL", "Nothing was written. Free space, then repeat.")
        case .readersFull:
            (.unavailable, "READERS_FULL", "Too many reads are open at once; close some.")
        case .damaged:
            (.corrupt, "LOG_DAMAGED", restoreHint)
        case .cutShort:
            (
                .corrupt, "LOG_CUT_SHORT",
                "The end of the log's file is missing, as after a copy that was broken off. Keep it as it is, and restore a backup."
            )
        case .notPermitted:
            (.unavailable, "NOT_PERMITTED", "Check the owner and mode of the store's folder.")
        case .notFound:
            (.unavailable, "LOG_MISSING", "Make a store with 'annals init'.")
        case .alreadyOpen:
            (.invalid, "STORE_ALREADY_OPEN", "This process has the store open; use that one.")
        case .keyExists:
            (.corrupt, "LOG_DAMAGED", "Run 'annals verify'.")
        case .other:
            (.unavailable, "LOG_FAILED", "Look at the system's message, then repeat.")
        }
    return AnnalsError(kind, code, "The log failed while \(what): \(error).", hint: hint)
}

private let restoreHint = "Keep a copy of the store, then restore a backup."

/// Runs a body that talks to LMDB and throws in Annals' words.
@inline(__always)
func logCall<R: ~Copyable>(
    _ what: @autoclosure () -> String, _ body: () throws -> R
) throws(AnnalsError) -> R {
    do { return try body() } catch { throw logError(error, whileDoing: what()) }
}
