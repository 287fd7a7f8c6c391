internal import Annals
internal import EventModel
internal import ProjectionEngine

/// The table of modules: ranges, what is used, planned and reserved, and who depends on whom.
struct ModuleTable {
    /// The projection; all of the store's when `nil`.
    let projection: String?

    /// Writes it; the store is only read.
    func tell(in session: Session) throws {
        let store = try session.openForReading()
        let isOne = projection != nil || store.projections.isEmpty
        let names = isOne ? [try session.projection(projection, of: store)] : store.projections
        var rows: [(definition: ProjectionDefinition, modules: [ModuleStatus])] = []
        var failure: (any Error)?
        for name in names {
            // One whose files are wrong does not hide the others' numbers.
            do {
                rows.append((try store.definition(of: name), try store.modules(of: name)))
            } catch {
                failure = failure ?? error
                session.console.warn(DisplayText.escaped("\(name): \(error)"))
            }
        }
        if rows.isEmpty, let failure { throw failure }
        try session.console.emit([
            "schema": "annals.modules/1",
            "projections": .array(
                rows.map { row in
                    [
                        "name": .string(row.definition.name),
                        "updated": row.definition.updated.isEmpty
                            ? nil : .string(row.definition.updated),
                        "modules": .array(row.modules.map(Self.document)),
                    ]
                }),
        ])
        for (index, row) in rows.enumerated() {
            if index > 0 { try session.console.print() }
            try tell(row.definition, row.modules, session.console)
        }
    }

    private static func document(_ module: ModuleStatus) -> JSON {
        func numbers(_ numbers: [Int]) -> JSON { .array(numbers.map { JSON($0) }) }
        return [
            "name": .string(module.name), "description": .string(module.description),
            "first": JSON(module.range.lowerBound), "last": JSON(module.range.upperBound),
            "optional": .bool(module.isOptional), "enabled": .bool(module.isEnabled),
            "depends": .array(module.depends.map { .string($0) }),
            "version": JSON(module.version), "pending": numbers(module.pending),
            "used": numbers(module.used), "holes": numbers(module.holes),
            "next": JSON(module.next),
            "reserved": module.reserved.map {
                ["first": JSON($0.lowerBound), "last": JSON($0.upperBound)]
            } ?? .null,
            "planned": .array(
                module.planned.map { ["number": JSON($0.number), "text": .string($0.text)] }),
        ]
    }

    private func tell(
        _ definition: ProjectionDefinition, _ modules: [ModuleStatus], _ console: Console
    ) throws {
        let stamp = definition.updated.isEmpty ? "" : ", manifest of \(definition.updated)"
        try console.print("\(definition.name)\(stamp)")
        var table = Table([
            .left("MODULE"), .left("RANGE"), .left("STATE"), .left("USED"), .right("NEXT"),
            .left("RESERVED"), .left("DEPENDS"), .left("DESCRIPTION"),
        ])
        for module in modules {
            let state = module.isOptional ? module.isEnabled ? "enabled" : "disabled" : "always"
            table.add([
                module.name, Self.text(module.range), state, Self.text(module.used),
                module.next.map(Migration.padded) ?? "full",
                module.reserved.map(Self.text) ?? "", module.depends.joined(separator: " "),
                module.description,
            ])
        }
        try console.print(table)
        for module in modules {
            for planned in module.planned {
                try console.print(
                    "planned \(Migration.padded(planned.number)) (\(module.name)): "
                        + DisplayText.escaped(planned.text))
            }
            if !module.holes.isEmpty {
                try console.print("left out in \(module.name): \(Self.text(module.holes))")
            }
        }
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.count == 1
            ? Migration.padded(range.lowerBound)
            : "\(Migration.padded(range.lowerBound))-\(Migration.padded(range.upperBound))"
    }

    /// Numbers as ranges: `001-003 005`.
    private static func text(_ numbers: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { text($0) }.joined(separator: " ")
    }
}
