internal import ArgumentParser
internal import Foundation

/// When words are coloured.
enum ColourChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// On a terminal, unless `NO_COLOR` is set.
    case auto
    /// Always.
    case always
    /// Never.
    case never

    /// Whether to colour what goes to a terminal, or to something else.
    func paints(isTerminal: Bool) -> Bool {
        switch self {
        case .always: return true
        case .never: return false
        case .auto:
            let environment = ProcessInfo.processInfo.environment
            let isForbidden = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
            return isTerminal && !isForbidden && environment["TERM"] != "dumb"
        }
    }
}
