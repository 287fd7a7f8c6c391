import EventModel

/// The content of a `projection.yaml`: the projection's name and its modules.
struct Manifest {
    /// Modules of one projection, at most.
    static let modulesMax = 256

    let name: String
    let description: String
    let dialect: Dialect
    /// The day of its last change, `2026-11-21`; empty when it does not say.
    let updated: String
    /// By ascending range.
    let modules: [Module]

    /// Reads a manifest.
    /// - Throws: `invalid` with file, line and column: `MANIFEST_SYNTAX`, `MANIFEST_KEY`,
    ///   `MANIFEST_VALUE`, `DIALECT_UNSUPPORTED`, `MODULE_DUPLICATE`, `MODULE_RANGE`, `MODULE_DEPENDS`.
    init(_ source: SourceText) throws(AnnalsError) {
        let members = try ManifestNode.parse(source).members(
            required: ["name", "modules"], optional: ["description", "dialect", "updated"])
        var claims: [Claim] = []
        for node in try Self.member("modules", members).elements() {
            claims.append(try Claim(node))
        }
        name = try Self.member("name", members).name()
        description = try members["description"]?.text() ?? ""
        if let node = members["dialect"] {
            dialect = try Dialect.named(try node.text()) { node.error($1, hint: $2, code: $0) }
        } else {
            dialect = .sqlite
        }
        updated = try members["updated"]?.day() ?? ""
        guard !claims.isEmpty, claims.count <= Self.modulesMax else {
            throw try Self.member("modules", members).error(
                "a projection has 1 to \(Self.modulesMax) modules.",
                hint: "Write `- { name: core, range: [1, 19] }`.")
        }
        try Self.checkRanges(claims)
        try Self.checkDependencies(claims)
        modules = claims.map(\.module).sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// A module and the places of what it claims.
    private struct Claim {
        let module: Module
        let nameNode: ManifestNode
        let rangeNode: ManifestNode
        /// One node for each name in `module.depends`.
        let dependsNodes: [ManifestNode]

        init(_ node: ManifestNode) throws(AnnalsError) {
            let members = try node.members(
                required: ["name", "range"],
                optional: ["description", "depends", "optional", "default", "planned"])
            nameNode = try Manifest.member("name", members)
            rangeNode = try Manifest.member("range", members)
            dependsNodes = try members["depends"]?.elements() ?? []
            var depends: [String] = []
            for node in dependsNodes {
                let name = try node.name()
                guard !depends.contains(name) else {
                    throw node.error("`\(name)` is named twice.", hint: "Name each module once.")
                }
                depends.append(name)
            }
            let isOptional = try members["optional"]?.flag() ?? false
            let range = try rangeNode.range()
            module = Module(
                name: try nameNode.name(), range: range,
                description: try members["description"]?.text() ?? "", depends: depends,
                isOptional: isOptional,
                isEnabledByDefault: try Self.isEnabled(members["default"], isOptional),
                planned: try Self.planned(members["planned"], range))
        }

        private static func planned(
            _ node: ManifestNode?, _ range: ClosedRange<Int>
        ) throws(AnnalsError) -> [PlannedMigration] {
            var planned: [PlannedMigration] = []
            for element in try node?.elements() ?? [] {
                let members = try element.members(required: ["number", "text"], optional: [])
                let numberNode = try Manifest.member("number", members)
                let number = try numberNode.number()
                guard range.contains(number) else {
                    throw numberNode.error(
                        "\(number) is not in the module's range.",
                        hint: "Plan a number from \(range.lowerBound) to \(range.upperBound).")
                }
                guard !planned.contains(where: { $0.number == number }) else {
                    throw numberNode.error(
                        "\(number) is planned twice.", hint: "Plan each number once.")
                }
                planned.append(
                    .init(number: number, text: try Manifest.member("text", members).text()))
            }
            return planned.sorted { $0.number < $1.number }
        }

        private static func isEnabled(
            _ node: ManifestNode?, _ isOptional: Bool
        ) throws(AnnalsError) -> Bool {
            guard let node else { return !isOptional }
            let text = try node.text()
            guard isOptional, text == "enabled" || text == "disabled" else {
                throw node.error(
                    "`default: \(text)` is not possible here.",
                    hint: "An optional module may say `default: enabled` or `default: disabled`.")
            }
            return text == "enabled"
        }
    }

    private static func member(
        _ name: String, _ members: [String: ManifestNode]
    ) throws(AnnalsError) -> ManifestNode {
        guard let node = members[name] else { preconditionFailure("`members` requires \(name)") }
        return node
    }

    private static func checkRanges(_ claims: [Claim]) throws(AnnalsError) {
        for (index, claim) in claims.enumerated() {
            for other in claims[..<index] {
                guard other.module.name != claim.module.name else {
                    throw claim.nameNode.error(
                        "a second module is named `\(claim.module.name)`.",
                        hint: "Rename one of them.",
                        code: "MODULE_DUPLICATE")
                }
                guard !other.module.range.overlaps(claim.module.range) else {
                    throw claim.rangeNode.error(
                        "the modules `\(other.module.name)` [\(text(other.module.range))] and "
                            + "`\(claim.module.name)` [\(text(claim.module.range))] claim the same numbers.",
                        hint: "Give each module numbers of its own.", code: "MODULE_RANGE")
                }
            }
        }
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        "\(range.lowerBound), \(range.upperBound)"
    }

    private static func checkDependencies(_ claims: [Claim]) throws(AnnalsError) {
        let byName = Dictionary(uniqueKeysWithValues: claims.map { ($0.module.name, $0.module) })
        for claim in claims {
            for (name, node) in zip(claim.module.depends, claim.dependsNodes) {
                guard byName[name] != nil else {
                    throw node.error(
                        "`\(claim.module.name)` depends on `\(name)`, which is no module here.",
                        hint:
                            "The modules are \(claims.map(\.module.name).joined(separator: ", ")).",
                        code: "MODULE_DEPENDS")
                }
                var seen: Set<String> = []
                if let path = path(from: name, to: claim.module.name, byName, &seen) {
                    let circle = ([claim.module.name] + path).joined(separator: " → ")
                    throw node.error(
                        "the modules depend on each other in a circle: \(circle).",
                        hint: "Remove one of the dependencies.", code: "MODULE_DEPENDS")
                }
            }
        }
        for claim in claims {
            for (name, node) in zip(claim.module.depends, claim.dependsNodes) {
                guard let other = byName[name] else { continue }
                guard other.range.upperBound < claim.module.range.lowerBound else {
                    throw node.error(
                        "`\(claim.module.name)` depends on `\(name)`, whose numbers are higher.",
                        hint: "Migrations run in number order: give `\(name)` the lower range.",
                        code: "MODULE_DEPENDS")
                }
                guard claim.module.isOptional || !other.isOptional else {
                    throw node.error(
                        "`\(claim.module.name)` is not optional and depends on `\(name)`, which is.",
                        hint: "Make both optional, or none.", code: "MODULE_DEPENDS")
                }
                guard !claim.module.isEnabledByDefault || other.isEnabledByDefault else {
                    throw node.error(
                        "`\(claim.module.name)` is enabled by default and depends on `\(name)`, "
                            + "which is not.",
                        hint: "Write `default: enabled` for both, or for none.",
                        code: "MODULE_DEPENDS")
                }
            }
        }
    }

    /// The names on a way of dependencies from one module to another, both ends included.
    private static func path(
        from start: String, to end: String, _ modules: [String: Module], _ seen: inout Set<String>
    ) -> [String]? {
        if start == end { return [end] }
        guard seen.insert(start).inserted else { return nil }
        for next in modules[start]?.depends ?? [] {
            if let rest = path(from: next, to: end, modules, &seen) { return [start] + rest }
        }
        return nil
    }
}
