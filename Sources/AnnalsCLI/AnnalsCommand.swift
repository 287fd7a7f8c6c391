internal import ArgumentParser
internal import LogStorage

/// The program.
struct AnnalsCommand: ParsableCommand {
    /// The program's version.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "annals",
        abstract: "An event log and the read models that are built from it.",
        discussion: """
            The store is the folder named by --store, else by ANNALS_STORE, else ./.annals.
            Exit status: 0 done, 1 failed, 3 pending, 4 drift, 5 locked, 6 not verified, 64 usage.
            """,
        version: "annals \(version) (store format \(EventLog.formatVersion))",
        subcommands: [
            InitCommand.self, AppendCommand.self, ImportCommand.self, ExportCommand.self,
            LogCommand.self, StreamsCommand.self, TypesCommand.self, StatusCommand.self,
            MigrateCommand.self, PlanCommand.self, RollbackCommand.self, RebuildCommand.self,
            ReplayCommand.self, QueryCommand.self, VerifyCommand.self, ValidateCommand.self,
            DoctorCommand.self, LintCommand.self, NewCommand.self, SchemaCommand.self,
            DocsCommand.self, BackupCommand.self, RestoreCommand.self,
            AdoptCommand.self, ModulesCommand.self, RepairCommand.self, ProxiesCommand.self,
            RotationCommand.self, StatsCommand.self,
        ])
}
