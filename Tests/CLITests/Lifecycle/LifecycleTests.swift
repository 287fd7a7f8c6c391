import Testing

@Suite("The life of a migration, call by call")
struct LifecycleTests {
    @Test("Migrate", arguments: LifecycleCase.migrate)
    func migrate(_ example: LifecycleCase) throws { try example.check() }

    @Test("Rollback", arguments: LifecycleCase.rollback)
    func rollback(_ example: LifecycleCase) throws { try example.check() }

    @Test("Drift and damage", arguments: LifecycleCase.drift)
    func drift(_ example: LifecycleCase) throws { try example.check() }

    @Test("Modules", arguments: LifecycleCase.modules)
    func modules(_ example: LifecycleCase) throws { try example.check() }

    @Test("Repair", arguments: LifecycleCase.repair)
    func repair(_ example: LifecycleCase) throws { try example.check() }

    @Test("Writing and proving migrations", arguments: LifecycleCase.authoring)
    func authoring(_ example: LifecycleCase) throws { try example.check() }

    @Test("Backup and restore", arguments: LifecycleCase.backup)
    func backup(_ example: LifecycleCase) throws { try example.check() }
}
