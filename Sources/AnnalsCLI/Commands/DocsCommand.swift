internal import Annals
internal import ArgumentParser
internal import EventModel
internal import ProjectionEngine

/// `annals docs`: pages that describe projections.
struct DocsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract:
            "Describe projections in Markdown: tables, a diagram, and which events write what.",
        usage: "annals docs [<folder>] [--projection P] [--at-version V] [--into <dir>]",
        discussion: """
            Of a store's projections at their versions, or of those in a folder with all modules. \
            With --into each gets a file PROJECTION.md there; an earlier page is replaced, any other \
            file is not touched.
            """)

    @Argument(help: "A folder with projection.yaml, or one whose folders have that; no store then.")
    var folder: String?

    @Option(help: "Only this projection.")
    var projection: String?

    @Option(help: "At this version: a number or a name; with --projection.")
    var atVersion: MigrationNumber?

    @Option(help: "Write a file for each projection into this folder.")
    var into: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard folder == nil || common.store == nil else {
            throw ValidationError("Give a folder or a store.")
        }
        guard atVersion == nil || projection != nil else {
            throw ValidationError("--at-version goes with --projection.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let pages = try folder.map(pagesOfFolder) ?? pagesOfStore(session)
        let files = try into.map { try ProjectionPage.write(pages, into: $0) }
        try session.console.emit([
            "schema": "annals.docs/1",
            "pages": .array(
                pages.enumerated().map { index, page in
                    [
                        "projection": .string(page.projection),
                        "version": JSON(page.versions.last ?? 0),
                        "versions": .array(page.versions.map { JSON($0) }),
                        "file": JSON(files?[index]),
                        "text": files == nil ? .string(page.text) : .null,
                    ]
                }),
        ])
        if let files {
            for file in files { try session.console.print("wrote \(DisplayText.escaped(file))") }
            return .done
        }
        for page in pages where !session.console.isJSON {
            try session.console.write(Array(page.text.utf8.dropLast()))
        }
        return .done
    }

    private func pagesOfFolder(_ folder: String) throws -> [ProjectionPage] {
        try ProjectionDefinition.all(in: folder, projection: projection).map { definition in
            try ProjectionPage(
                of: definition,
                versions: try definition.allVersions(
                    upTo: try atVersion?.number(in: definition)))
        }
    }

    private func pagesOfStore(_ session: Session) throws -> [ProjectionPage] {
        let store = try session.openForReading()
        return try (projection.map { [$0] } ?? store.projections).map { name in
            try store.projectionPage(
                of: name, atVersion: try atVersion?.number(in: store.definition(of: name)))
        }
    }
}
