extension ProjectionDefinition {
    /// The migrations in a version set, by ascending number; unknown numbers are passed over.
    public func migrations(in versionSet: [Int]) -> [Migration] {
        let numbers = Set(versionSet)
        return migrations.filter { numbers.contains($0.number) }
    }

    /// The numbers of the enabled modules' migrations, ascending, up to a number or all.
    ///
    /// A module that is not optional counts as enabled.
    public func versionSet(upTo: Int? = nil, enabledModules: Set<String>) -> [Int] {
        let enabled = enabledModules.union(modules.filter { !$0.isOptional }.map(\.name))
        return
            migrations
            .filter { enabled.contains($0.module) && $0.number <= upTo ?? .max }
            .map(\.number)
    }

    /// What is to be applied: the enabled modules' migrations that are not in `applied`, ascending.
    ///
    /// A set difference: a number below the greatest applied one is pending too.
    public func pending(applied: [Int], enabledModules: Set<String>) -> [Int] {
        let applied = Set(applied)
        return versionSet(enabledModules: enabledModules).filter { !applied.contains($0) }
    }

    /// The handlers that run at a version set; those of one type follow each other in number order of
    /// their modules.
    ///
    /// Within a module the latest definition of a type counts, and `-- Off` removes it.
    public func handlers(in versionSet: [Int]) -> [HandlerInForce] {
        let inForce = migrations(in: versionSet)
        var found: [HandlerInForce] = []
        for module in modules {
            var byType: [(type: String, handler: HandlerInForce)] = []
            for migration in inForce where migration.module == module.name {
                let replaced = Set(
                    migration.offs.map(\.eventType) + migration.handlers.map(\.eventType))
                byType.removeAll { replaced.contains($0.type) }
                byType += migration.handlers.map {
                    let handler = HandlerInForce(
                        eventType: $0.eventType, module: module.name, number: migration.number,
                        section: $0.section)
                    return ($0.eventType, handler)
                }
            }
            found += byType.map(\.handler)
        }
        return found
    }

    /// The upcasts in force at a version set, by type, then by `from`; one for each pair.
    ///
    /// A later migration's upcast replaces an earlier one with the same type and `from`.
    public func upcasts(in versionSet: [Int]) -> [Upcast] {
        var found: [Upcast] = []
        for upcast in migrations(in: versionSet).flatMap(\.upcasts) {
            found.removeAll { $0.eventType == upcast.eventType && $0.from == upcast.from }
            found.append(upcast)
        }
        return found.sorted { ($0.eventType, $0.from) < ($1.eventType, $1.from) }
    }

    /// The seeds in force at a version set, by migration number, then in file order.
    public func seeds(in versionSet: [Int]) -> [Seed] {
        migrations(in: versionSet).flatMap(\.seeds)
    }
}
