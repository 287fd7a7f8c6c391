internal import Annals
internal import EventModel
internal import ProjectionEngine

extension ProjectionStatus.State {
    /// The colour of the word.
    var colour: Console.Colour {
        switch self {
        case .current: .green
        case .pending: .yellow
        case .halted, .missing, .drift: .red
        }
    }
}

extension Console {
    /// Paints the words of projections' states.
    func paintedState(_ cell: String) -> String {
        ProjectionStatus.State(rawValue: cell).map { painted(cell, $0.colour) } ?? cell
    }
}

extension BuildWay {
    /// What a version is reached by, in words.
    var words: String {
        switch self {
        case .retained: "the retained generation"
        case .inPlace: "a copy of the present file"
        case .rebuild: "a replay"
        }
    }
}

extension Drift {
    /// The difference as `--json` tells it.
    var document: JSON {
        [
            "kind": .string(kind.rawValue), "number": JSON(number), "name": .string(name),
            "part": JSON(part), "was": JSON(was), "now": JSON(now), "movedTo": JSON(movedTo),
        ]
    }
}

/// A migration as `--json` tells it.
func migrationDocument(_ projection: String, _ number: Int, _ name: String) -> [JSON.Member] {
    [.init(name: "projection", value: .string(projection))] + migrationNames(number, name)
}

/// Number and name of a migration, each in every form that files and other tools have it in.
func migrationNames(_ number: Int, _ name: String) -> [JSON.Member] {
    [
        .init(name: "number", value: JSON(number)), .init(name: "name", value: .string(name)),
        .init(name: "padded", value: .string(Migration.padded(number))),
        .init(name: "fullName", value: .string(MigrationName.full(number, name))),
        .init(name: "vName", value: .string(MigrationName.versioned(number, name))),
    ]
}
