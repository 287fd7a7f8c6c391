public import EventModel

/// Why an operation of the rotation system was not carried out; nothing was written then.
public struct RotationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the caller can do about it.
    public enum Reason: Sendable, Equatable {
        /// The value of this field is not allowed.
        case invalid(field: String)
        /// There is nothing with this id.
        case notFound(String)
        /// Something with the same address, name or id is there already.
        case duplicate
        /// It names a proxy, configuration or credential that does not exist.
        case missingReference
        /// There is no master key, or it is the wrong one.
        case encryption
        /// The store refused it for a reason of its own.
        case store(AnnalsError)
    }

    /// What the caller can do about it.
    public let reason: Reason
    /// What happened and what was expected.
    public let message: String

    /// Makes an error.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// What a refused append means here.
    init(_ error: AnnalsError) {
        switch error.code {
        case "CONSTRAINT_UNIQUE":
            self.init(.duplicate, "It is there already: \(error.message)")
        case "CONSTRAINT_FOREIGN_KEY":
            self.init(.missingReference, "It names something that is not there: \(error.message)")
        case "CONSTRAINT_CHECK", "CONSTRAINT_NOT_NULL":
            self.init(.invalid(field: error.context.type ?? ""), error.message)
        default: self.init(.store(error), error.description)
        }
    }

    /// Any error of reading, as the one error that callers see.
    static func wrapping(_ error: any Error) -> RotationError {
        switch error {
        case let error as RotationError: error
        case let error as AnnalsError: RotationError(error)
        default:
            RotationError(
                .store(AnnalsError(.unavailable, "READ_FAILED", "\(error)")),
                "The projection 'rotation' cannot be read: \(error)")
        }
    }

    /// Runs work on JSON, whose only failure is a value that JSON cannot say.
    static func encoding<Result>(_ body: () throws -> Result) throws(RotationError) -> Result {
        do {
            return try body()
        } catch {
            throw RotationError(.invalid(field: "json"), "It cannot be written as JSON: \(error)")
        }
    }
}
