package import EventModel

/// A migration file to be filled in: the next free number of its module, and every section.
package struct MigrationDraft: Sendable, Equatable {
    /// The projection's name, which is the manifest's.
    package let projection: String
    /// The module that it belongs to.
    package let module: String
    /// The first free number of the module.
    package let number: Int
    /// Its name, without the number.
    package let name: String
    /// The numbers that the module has left after it.
    package let numbersLeft: Int
    /// The file's content.
    package let text: String

    /// The file's name.
    package var file: String { "\(Migration.fullName(number, name)).sql" }

    /// Drafts a module's next migration.
    /// - Parameters:
    ///   - module: `nil` for the only one.
    ///   - description: one line; `nil` to make one of the name.
    ///   - manifest: the manifest's name, as errors show it, and its bytes.
    ///   - files: the names of the migration files that are there.
    /// - Throws: `invalid`: `MIGRATION_NAME` for a name that is not in snake_case,
    ///   `MIGRATION_NAME_TAKEN`, `MODULE_UNKNOWN`, `MODULE_AMBIGUOUS`, `MODULE_RANGE_FULL`,
    ///   `DESCRIPTION_INVALID`, or what is wrong with the manifest.
    package init(
        name: String, module: String?, description: String? = nil,
        manifest: (name: String, bytes: [UInt8]), files: [String]
    ) throws(AnnalsError) {
        let content = try Manifest(
            SourceText.decode(file: manifest.name, bytes: manifest.bytes))
        let own = try Self.module(module, in: content)
        let taken = files.filter { $0.hasSuffix(".sql") }
            .compactMap { MigrationFileName(stem: $0.dropLast(4)) }
        try Self.check(name, taken, files)
        let numbers = taken.map(\.number).filter(own.range.contains)
        number = (numbers.max() ?? own.range.lowerBound - 1) + 1
        guard own.range.contains(number) else {
            let (first, last) = (own.range.lowerBound, own.range.upperBound)
            throw AnnalsError(
                .invalid, "MODULE_RANGE_FULL",
                "The module `\(own.name)` has used all its numbers, \(first) to \(last).",
                hint: "Widen `range` in the manifest, or begin a module with numbers of its own.",
                context: .init(projection: content.name, file: manifest.name))
        }
        projection = content.name
        self.module = own.name
        self.name = name
        numbersLeft = own.range.upperBound - number
        let line = description ?? Self.description(of: name)
        guard !line.isEmpty, !line.contains(where: \.isNewline), line.first != " ", line.last != " "
        else {
            throw AnnalsError(
                .invalid, "DESCRIPTION_INVALID", "The description is not one line of text.",
                hint: "Say in one line what the migration is for.")
        }
        text = Self.text(
            Migration.fullName(number, name), line, own.name,
            depends: Self.depends(of: own, content.modules, taken.map(\.number)))
    }

    private static func module(_ name: String?, in manifest: Manifest) throws(AnnalsError) -> Module
    {
        let all = manifest.modules.map(\.name).joined(separator: ", ")
        let context = AnnalsError.Context(projection: manifest.name)
        guard let name else {
            if manifest.modules.count == 1 { return manifest.modules[0] }
            throw AnnalsError(
                .invalid, "MODULE_AMBIGUOUS",
                "The projection '\(manifest.name)' has several modules: name the one meant.",
                hint: "It has: \(all).", context: context)
        }
        if let module = manifest.modules.first(where: { $0.name == name }) { return module }
        throw AnnalsError(
            .invalid, "MODULE_UNKNOWN",
            "The projection '\(manifest.name)' has no module '\(name)'.", hint: "It has: \(all).",
            context: context)
    }

    private static func check(
        _ name: String, _ taken: [MigrationFileName], _ files: [String]
    ) throws(AnnalsError) {
        guard MigrationFileName(stem: "001_\(name)") != nil else {
            throw AnnalsError(
                .invalid, "MIGRATION_NAME", "`\(name)` is no name of a migration.",
                hint:
                    "Use 1 to \(MigrationFileName.nameCharactersMax) lower-case letters, digits and "
                    + "_, a letter first; the number is added.")
        }
        guard let other = taken.first(where: { $0.name == name }) else { return }
        let file = files.first { MigrationFileName(stem: $0.dropLast(4)) == other } ?? ""
        throw AnnalsError(
            .invalid, "MIGRATION_NAME_TAKEN", "\(file) has the name `\(name)` already.",
            hint: "Choose another name.", context: .init(migration: other.number, file: file))
    }

    /// What a migration of this module would want in force: its module's last one, or the last ones of
    /// the modules that it depends on.
    private static func depends(of module: Module, _ modules: [Module], _ numbers: [Int]) -> [Int] {
        func last(_ module: Module) -> Int? { numbers.filter(module.range.contains).max() }
        if let previous = last(module) { return [previous] }
        return modules.filter { module.depends.contains($0.name) }.compactMap(last).sorted()
    }

    /// `add_proxy_weight` as a sentence.
    private static func description(of name: String) -> String {
        let words = name.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func text(
        _ title: String, _ description: String, _ module: String, depends: [Int]
    ) -> String {
        let numbers = depends.map(Migration.padded).joined(separator: ", ")
        return """
            -- Migration: \(title)
            -- Description: \(description)
            -- Module: \(module)
            \(depends.isEmpty ? "" : "-- Depends: \(numbers)\n")
            -- Up
            -- Write the schema here, for example: CREATE TABLE t (id TEXT PRIMARY KEY) STRICT;
            -- Where only handlers change, make the line above `Up: none`.

            -- On entity.happened
            -- Write what an event of this type does: INSERT INTO t (id) VALUES (@key);
            -- Repeat the section for other types, or remove it.

            -- Down
            -- Write what takes the schema back: DROP TABLE t;
            -- Where only a replay can, make the line above `Down: replay` and say here why.

            """
    }
}
