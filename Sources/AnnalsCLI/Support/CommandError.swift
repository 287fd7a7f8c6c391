internal import EventModel
internal import Gzip
internal import RotationProjection

/// An error together with what the program says and does about it.
struct CommandError: Error {
    /// What went wrong.
    var error: AnnalsError
    /// With which status the program ends.
    var status: ExitStatus
    /// The command that helps; `nil` when there is none that always does.
    var next: String?
    /// What was done before it went wrong, as members of the error's document.
    var done: [JSON.Member]

    /// Wraps an error.
    init(
        _ error: AnnalsError, status: ExitStatus? = nil, next: String? = nil,
        done: [JSON.Member] = []
    ) {
        self.error = error
        self.status = status ?? ExitStatus(error)
        self.next = next
        self.done = done
    }

    /// A call that cannot be understood or must not be done so.
    static func usage(
        _ code: String, _ message: String, hint: String = "", next: String? = nil
    ) -> CommandError {
        CommandError(
            AnnalsError(.invalid, code, message, hint: hint), status: .usage, next: next)
    }

    /// Whatever was thrown, as what the program says about it.
    static func of(_ error: any Error) -> CommandError {
        if let error = error as? CommandError { return error }
        if let error = error as? AnnalsError { return CommandError(error) }
        if let error = error as? RotationError { return CommandError(error) }
        if let error = error as? FileError { return CommandError(AnnalsError(error)) }
        return CommandError(AnnalsError(.unavailable, "FAILED", "\(error)"))
    }

    /// The document that `--json` gives on failure.
    var document: JSON {
        let next = next.map { [JSON.Member(name: "next", value: .string($0))] } ?? []
        return JSON.object([
            .init(name: "schema", value: "annals.error/1"),
            .init(name: "error", value: error.document.adding(next)),
        ]).adding(done)
    }

    /// The lines for people.
    var lines: [String] {
        var lines = ["annals: error \(error.code): \(error.message)"]
        if !error.hint.isEmpty { lines.append("hint: \(error.hint)") }
        if let next { lines.append("next: \(next)") }
        return lines
    }
}

extension AnnalsError {
    /// Standard input, standard output or a temporary file that cannot be read or written.
    init(_ error: FileError) {
        let code =
            switch error.reason {
            case .full: "DISK_FULL"
            case .denied: "NOT_PERMITTED"
            default: "FILE_FAILED"
            }
        self.init(.unavailable, code, error.message, hint: error.hint)
    }

    /// The error as `--json` tells it; what is not known is left out.
    var document: JSON {
        let members: [(String, JSON)] = [
            ("code", .string(code)), ("message", .string(message)), ("hint", .string(hint)),
            ("file", JSON(context.file)), ("line", JSON(context.line)),
            ("column", JSON(context.column)), ("position", JSON(context.position)),
            ("type", JSON(context.type)), ("stream", JSON(context.stream)),
            ("projection", JSON(context.projection)), ("migration", JSON(context.migration)),
            ("found", found),
        ]
        return .object(
            members.filter { $0.1 != .null }.map { JSON.Member(name: $0.0, value: $0.1) })
    }

    /// What a failed condition found.
    private var found: JSON {
        switch conflict {
        case nil: .null
        case .stream(let stream, _, let found):
            ["stream": .string(stream), "revision": JSON(found.value)]
        case .eventsMatch(let position, let type, let stream):
            ["position": JSON(position), "type": .string(type), "stream": .string(stream)]
        case .id(let id, let position): ["id": .string(id), "position": JSON(position)]
        }
    }
}
