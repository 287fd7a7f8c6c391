internal import ArgumentParser

/// `annals proxies`: the pool of the rotation system.
struct ProxiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxies",
        abstract: "Work with the pool of proxies of the rotation system.",
        subcommands: [
            ProxiesList.self, ProxiesShow.self, ProxiesAdd.self, ProxiesEdit.self,
            ProxiesRemove.self, ProxiesCheck.self, ProxiesWeights.self, ProxiesGroups.self,
        ], defaultSubcommand: ProxiesList.self)
}
