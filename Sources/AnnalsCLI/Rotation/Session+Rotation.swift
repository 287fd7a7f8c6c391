internal import Annals
internal import EventModel
internal import RotationProjection

extension Session {
    /// The rotation system of the store, to read from.
    func openRotationForReading() throws -> RotationStore {
        try RotationStore(try openForReading())
    }

    /// The rotation system of the store, for changes.
    func openRotation() throws -> RotationStore {
        try RotationStore(try openForWriting())
    }
}

extension CommandError {
    /// What an operation of the rotation system refused.
    init(_ error: RotationError) {
        let found: (code: String, hint: String)
        switch error.reason {
        case .store(let error):
            self.init(error)
            return
        case .invalid(let field): found = ("FIELD_INVALID", "The field is \(field).")
        case .notFound: found = ("NOT_FOUND", "")
        case .duplicate: found = ("DUPLICATE", "")
        case .missingReference: found = ("REFERENCE_MISSING", "")
        case .encryption: found = ("ENCRYPTION", "")
        }
        self.init(AnnalsError(.invalid, found.code, error.message, hint: found.hint))
    }
}
