internal import ArgumentParser

/// The options of every command; they may also stand before the command's name.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store's folder; else ANNALS_STORE, else ./.annals.", valueName: "folder"))
    var store: String?

    @Flag(help: "Give the result as one JSON document, also on failure.")
    var json = false

    @Option(help: "Colour words: auto, always or never.")
    var color = ColourChoice.auto
}
