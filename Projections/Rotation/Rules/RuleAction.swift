/// What a rule does when it matches.
public struct RuleAction: Codable, Sendable, Equatable {
    /// The kinds of acts.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Take the proxy `proxyId`.
        case useProxy = "use_proxy"
        /// Choose among the group `group` (or `groupName`), if it has a candidate.
        case useProxyGroup = "use_proxy_group"
        /// Choose among those in `country`, if there is one.
        case useCountry = "use_country"
        /// Leave out the proxy `proxyId`.
        case excludeProxy = "exclude_proxy"
        /// Leave out those in `country`.
        case excludeCountry = "exclude_country"
        /// Rotate now, whatever the interval says.
        case rotateImmediately = "rotate_immediately"
        /// Keep the proxy that is in use.
        case skipRotation = "skip_rotation"
    }

    /// What is done.
    public var action: Kind
    /// With what.
    public var params: [String: JSONValue]

    /// Makes an act.
    public init(_ action: Kind, _ params: [String: JSONValue] = [:]) {
        self.action = action
        self.params = params
    }

    /// Reads an act; one without `params` has none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        action = try container.decode(Kind.self, forKey: .action)
        params = try container.decodeIfPresent([String: JSONValue].self, forKey: .params) ?? [:]
    }

    /// The group that is named, under either of its names.
    var group: String? { params["group"]?.string ?? params["groupName"]?.string }
}
