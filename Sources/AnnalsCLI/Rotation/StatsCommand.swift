internal import ArgumentParser

/// `annals stats`: what the proxies of the rotation system carried.
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Look at what the proxies of the rotation system carried.",
        subcommands: [
            StatsNow.self, StatsProxy.self, StatsTop.self, StatsErrors.self, StatsTargets.self,
            StatsDays.self,
        ], defaultSubcommand: StatsNow.self)
}
