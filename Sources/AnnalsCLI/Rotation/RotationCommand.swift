internal import ArgumentParser

/// `annals rotation`: which proxy followed which, by which configuration, and why.
struct RotationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotation",
        abstract: "Rotate, look at rotations, choose configurations, take old rows away.",
        subcommands: [
            RotationLog.self, RotationReasons.self, RotationConfigsList.self,
            RotationRotate.self, RotationAdd.self, RotationRemove.self, RotationActivate.self,
            RotationDeactivate.self, RotationMaintenance.self,
        ], defaultSubcommand: RotationLog.self)
}
