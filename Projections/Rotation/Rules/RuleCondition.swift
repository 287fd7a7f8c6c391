/// One condition of a rule: a field of the request or of a candidate, compared with a value.
public struct RuleCondition: Codable, Sendable, Equatable {
    /// What is looked at.
    public enum Field: String, Codable, Sendable, CaseIterable {
        /// The target's domain.
        case domain
        /// The target's whole address.
        case url
        /// The path of the address.
        case path
        /// The hour of the day, UTC, 0 to 23.
        case timeHour = "time_hour"
        /// The day of the week, UTC, 0 for Sunday.
        case timeDay = "time_day"
        /// The candidate's country.
        case proxyCountry = "proxy_country"
        /// The candidate's latency in milliseconds.
        case proxyLatency = "proxy_latency"
        /// The candidate's success rate in percent.
        case proxySuccessRate = "proxy_success_rate"
        /// The candidate's tags, each for itself.
        case customTag = "custom_tag"

        /// Whether each candidate has a value of its own.
        var isOfCandidate: Bool {
            switch self {
            case .proxyCountry, .proxyLatency, .proxySuccessRate, .customTag: true
            default: false
            }
        }
    }

    /// How it is compared.
    public enum Operator: String, Codable, Sendable, CaseIterable {
        /// Is the same; numbers are compared as numbers.
        case equals
        /// Is not the same.
        case notEquals = "not_equals"
        /// Holds the text.
        case contains
        /// Does not hold the text.
        case notContains = "not_contains"
        /// Begins with the text.
        case startsWith = "starts_with"
        /// Ends with the text.
        case endsWith = "ends_with"
        /// Matches the regular expression somewhere; an invalid one matches nothing.
        case matchesRegex = "matches_regex"
        /// Is a greater number.
        case greaterThan = "greater_than"
        /// Is a lesser number.
        case lessThan = "less_than"
        /// Equals one of the list; nothing is in what is no list.
        case inList = "in_list"
        /// Equals none of the list; everything is outside what is no list.
        case notInList = "not_in_list"
    }

    /// What is looked at.
    public var field: Field
    /// How it is compared.
    public var `operator`: Operator
    /// With what.
    public var value: JSONValue
    /// Whether upper and lower case differ; not unless it says so.
    public var caseSensitive: Bool?

    /// Makes a condition.
    public init(
        _ field: Field, _ operator: Operator, _ value: JSONValue, caseSensitive: Bool? = nil
    ) {
        self.field = field
        self.operator = `operator`
        self.value = value
        self.caseSensitive = caseSensitive
    }

    /// Whether it holds for a request and a candidate.
    ///
    /// Of a candidate with several values or none (its tags), a negative operator must hold for all and
    /// any other for one.
    public func holds(in context: SelectionContext, for candidate: Proxy?) -> Bool {
        let values = values(context, candidate)
        switch `operator` {
        case .notEquals: return !values.contains { equals($0, value) }
        case .notContains: return !values.contains { fold($0).contains(fold(text(value))) }
        case .notInList: return !values.contains { isInList($0) }
        case .equals: return values.contains { equals($0, value) }
        case .contains: return values.contains { fold($0).contains(fold(text(value))) }
        case .startsWith: return values.contains { fold($0).hasPrefix(fold(text(value))) }
        case .endsWith: return values.contains { fold($0).hasSuffix(fold(text(value))) }
        case .matchesRegex: return values.contains(where: matchesRegex)
        case .greaterThan: return values.contains { compare($0, >) }
        case .lessThan: return values.contains { compare($0, <) }
        case .inList: return values.contains { isInList($0) }
        }
    }

    private func values(_ context: SelectionContext, _ candidate: Proxy?) -> [String] {
        switch field {
        case .domain: [context.domain ?? ""]
        case .url: [context.url ?? ""]
        case .path: [context.path ?? ""]
        case .timeHour: [String(context.hour)]
        case .timeDay: [String(context.weekday)]
        case .proxyCountry: [candidate?.country ?? ""]
        case .proxyLatency: [candidate?.latency.map(String.init) ?? ""]
        case .proxySuccessRate: [candidate.map { String($0.successRate) } ?? ""]
        case .customTag: candidate?.tags ?? []
        }
    }

    /// The value as text; a list or an object is none.
    private func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .bool(let flag): String(flag)
        default: ""
        }
    }

    private func fold(_ text: String) -> String {
        caseSensitive == true ? text : text.lowercased()
    }

    private func equals(_ found: String, _ wanted: JSONValue) -> Bool {
        if let left = Double(found), let right = wanted.double ?? wanted.string.flatMap(Double.init)
        {
            return left == right
        }
        return fold(found) == fold(text(wanted))
    }

    private func compare(_ found: String, _ order: (Double, Double) -> Bool) -> Bool {
        guard let left = Double(found),
            let right = value.double ?? value.string.flatMap(Double.init)
        else { return false }
        return order(left, right)
    }

    private func isInList(_ found: String) -> Bool {
        value.array?.contains { equals(found, $0) } ?? false
    }

    /// A pattern or text beyond these sizes matches nothing: backtracking is bounded by them.
    private static let patternMax = 512
    private static let textMax = 4_096

    private func matchesRegex(_ found: String) -> Bool {
        guard case .string(let pattern) = value, pattern.utf8.count <= Self.patternMax,
            found.utf8.count <= Self.textMax, let regex = try? Regex(pattern)
        else { return false }
        return found.firstMatch(of: regex.ignoresCase(caseSensitive != true)) != nil
    }
}
