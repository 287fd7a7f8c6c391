/// How a proxy is spoken to.
public enum ProxyProtocol: String, Codable, Sendable, CaseIterable {
    /// HTTP.
    case http
    /// HTTP over TLS.
    case https
    /// SOCKS version 4.
    case socks4
    /// SOCKS version 5.
    case socks5
}

/// How a proxy stands.
public enum ProxyStatus: String, Codable, Sendable, CaseIterable {
    /// In use.
    case active
    /// Its last check failed.
    case failed
    /// Not checked yet.
    case checking
    /// Taken out by a person.
    case disabled
}

/// Which changed weights an event tells of.
public enum WeightCause: String, Codable, Sendable {
    /// One proxy's.
    case single
    /// Several, each as it was given.
    case batch
    /// Scaled to a sum of 100.
    case normalize
    /// Made equal.
    case equalize
}

/// How a configuration chooses the next proxy.
public enum RotationStrategy: String, Codable, Sendable, CaseIterable {
    /// One after the other.
    case roundRobin = "round-robin"
    /// Any, evenly.
    case random
    /// The one that was chosen least often.
    case leastUsed = "least-used"
    /// The one with the lowest latency.
    case fastest
    /// The one with the best record.
    case failureAware = "failure-aware"
    /// By chance, in proportion to weight.
    case weighted
    /// By country and region.
    case geographic
    /// The same one for a domain.
    case stickySession = "sticky-session"
    /// Another one after an interval.
    case timeBased = "time-based"
    /// As rules say.
    case custom
    /// The same as `custom`, under its other name.
    case customRules = "custom-rules"
}

/// Why a proxy was replaced by another.
public enum RotationReason: String, Codable, Sendable, CaseIterable {
    /// Its time was over.
    case scheduled
    /// It failed.
    case failure
    /// Somebody asked for it.
    case manual
    /// The first choice after a start.
    case startup
    /// A rule said so.
    case ruleTriggered = "rule_triggered"
    /// A sticky mapping ended.
    case ttlExpired = "ttl_expired"
    /// It needed a rest.
    case cooldown
    /// It was rate limited.
    case rateLimit = "rate_limit"
    /// Another place was wanted.
    case geographic
    /// To spread the load.
    case loadBalance = "load_balance"
    /// A health check failed.
    case healthCheck = "health_check"
    /// The session was over.
    case sessionExpired = "session_expired"
}

/// What a credential is for.
public enum CredentialType: String, Codable, Sendable, CaseIterable {
    /// User name and password of a proxy.
    case proxyAuth = "proxy_auth"
    /// The password of a proxy alone.
    case proxyPassword = "proxy_password"
    /// A key of an interface.
    case apiKey = "api_key"
    /// A token of OAuth.
    case oauthToken = "oauth_token"
    /// OAuth, client and secret.
    case oauth
    /// Basic authentication.
    case basic
    /// A certificate with its key.
    case certificate
    /// A key of SSH.
    case sshKey = "ssh_key"
}

/// Who may read a credential.
public enum AccessLevel: String, Codable, Sendable, CaseIterable {
    /// Its owner.
    case `private`
    /// Everybody in the installation.
    case shared
    /// Administrators.
    case admin
    /// The owner's team.
    case team
    /// The owner's organisation.
    case organization
}

/// When a sticky mapping ends.
public enum ExpiryMode: String, Codable, Sendable {
    /// At a moment that was fixed when it was made.
    case fixed
    /// So long after its last use.
    case sliding
}

/// How the conditions of a rule are joined.
public enum ConditionLogic: String, Codable, Sendable {
    /// All must hold.
    case and = "AND"
    /// One must hold.
    case or = "OR"
}
