internal import ArgumentParser
internal import Foundation

/// The program's arguments as they were given.
enum Arguments {
    /// The arguments without the program's name, with options that stand before the command's name
    /// moved behind it.
    /// - Throws: `ARGUMENT_ENCODING` when one of them is not UTF-8.
    static func given() throws(CommandError) -> [String] {
        let arguments = Array(CommandLine.arguments.dropFirst())
        try checkEncoding(arguments)
        return commonOptionsLast(arguments)
    }

    /// Swift puts U+FFFD in the place of bytes that are not UTF-8, and so would the log: the bytes
    /// themselves are looked at where that character occurs.
    private static func checkEncoding(_ arguments: [String]) throws(CommandError) {
        guard arguments.contains(where: { $0.unicodeScalars.contains("\u{FFFD}") }) else { return }
        let bytes = FileManager.default.contents(atPath: "/proc/self/cmdline")
        let isValid = bytes.map { String(validating: $0, as: UTF8.self) != nil } ?? false
        guard !isValid else { return }
        throw .usage(
            "ARGUMENT_ENCODING", "An argument is not UTF-8.",
            hint: "Use a UTF-8 locale, or give the data on standard input.")
    }

    /// How many of the words name the command: two for one of a group.
    private static func depth(of words: ArraySlice<String>) -> Int {
        let group = AnnalsCommand.configuration.subcommands.first {
            $0._commandName == words.first && !$0.configuration.subcommands.isEmpty
        }
        let second = words.dropFirst().first
        let isNamed = group?.configuration.subcommands.contains { $0._commandName == second }
        return isNamed == true ? 2 : 1
    }

    /// `--store S --json status` is `status --store S --json`.
    static func commonOptionsLast(_ arguments: [String]) -> [String] {
        var common: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            if first == "--store" || first == "--color" {
                common += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if first == "--json" || first.hasPrefix("--store=")
                || first.hasPrefix("--color=")
            {
                common.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        guard let verb = rest.first, !verb.hasPrefix("-"), verb != "help" else {
            return Array(rest)
        }
        let names = rest.prefix(depth(of: rest))
        return names + common + rest.dropFirst(names.count)
    }
}
