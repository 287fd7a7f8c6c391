import Testing

@Suite("The life of a migration, call by call")
struct LifecycleTests {
    @Test("Migrate", arguments: LifecycleCase.migrate)
    func migrate(_ example: LifecycleCase) throws { try example.check() }

    @Test("Rollback", arguments: LifecycleCase.rollback)
    func rollback(_ example: LifecycleCase) throws { try example.check() }

    @Test("Drift and damage", arguments: LifecycleCase.drift)
    func drift(_ example: LifecycleCase) throws { try example.check() }

    @Test("Backup and restore", arguments: LifecycleCase.backup)
    func backup(_ example: LifecycleCase) throws { try example.check() }
}
