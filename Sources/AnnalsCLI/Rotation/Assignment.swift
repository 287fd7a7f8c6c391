internal import ArgumentParser

/// A name and a value, as they are written on a command line: `name=value`.
struct Assignment: ExpressibleByArgument {
    let name: String
    let value: String

    /// Reads `NAME=VALUE`; the value may be empty.
    init?(argument: String) {
        guard let sign = argument.lastIndex(of: "="), sign > argument.startIndex else { return nil }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }
}
