public import EventModel

extension Migration {
    /// Reads a migration file.
    /// - Parameters:
    ///   - file: The file's name without its folder: `NNN_name.sql` or `V{n}__{name}.sql`.
    ///   - bytes: Its content.
    /// - Throws: `invalid` with file, line and column; the hint shows the right form. The codes are
    ///   `FILE_ENCODING`, `FILE_TOO_LARGE` and those that begin with `MIGRATION_`.
    public static func parse(file: String, bytes: [UInt8]) throws(AnnalsError) -> Migration {
        let name = try MigrationFileName(file: file)
        do throws(AnnalsError) {
            return try parse(SourceText.decode(file: file, bytes: bytes), name)
        } catch {
            var located = error
            located.context.migration = name.number
            throw located
        }
    }

    private static func parse(
        _ source: SourceText, _ name: MigrationFileName
    ) throws(AnnalsError) -> Migration {
        let lines = MigrationLines(source)
        let sections = try MigrationSplitter(lines: lines).sections()
        let header = try MigrationHeader(
            lines, end: sections.first?.markerLine ?? lines.count, name: name)
        let reader = SectionReader(lines: lines)
        try reader.checkOrder(sections)
        var parts = MigrationParts()
        for section in sections { try reader.read(section, into: &parts) }
        guard let up = parts.up, let down = parts.down else {
            preconditionFailure("checkOrder saw both Up and Down")
        }
        return Migration(
            number: name.number, name: name.name, module: header.module,
            description: header.description, depends: header.depends, up: up, down: down,
            handlers: parts.handlers, offs: parts.offs, seeds: parts.seeds, upcasts: parts.upcasts,
            file: source.file,
            checksums: Checksums(lines: lines, header: header, sections: sections),
            waivers: header.waivers, replayReason: parts.replayReason,
            moduleLine: header.moduleLine, dependsLine: header.dependsLine)
    }
}

/// What the sections of a file make, while they are read.
struct MigrationParts {
    var up: SQLSection?
    var down: Down?
    var replayReason: ReplayReason?
    var handlers: [HandlerDefinition] = []
    var offs: [HandlerRemoval] = []
    var seeds: [Seed] = []
    var upcasts: [Upcast] = []
}
