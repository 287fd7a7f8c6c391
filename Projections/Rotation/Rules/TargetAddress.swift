/// What a request is for: an address or a bare domain, taken apart.
struct TargetAddress {
    /// The domain in lower case, without port and user.
    let domain: String
    /// From the first slash on, without query; `/` when there is none.
    let path: String

    init(_ text: String) {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var authority = rest[..<end]
        if let user = authority.lastIndex(of: "@") {
            authority = authority[authority.index(after: user)...]
        }
        if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
            authority = authority[authority.index(after: authority.startIndex)..<close]
        } else if let colon = authority.lastIndex(of: ":"), authority.firstIndex(of: ":") == colon {
            authority = authority[..<colon]
        }
        domain = authority.lowercased()
        let tail = rest[end...]
        let path = tail.prefix { $0 != "?" && $0 != "#" }
        self.path = path.isEmpty ? "/" : String(path)
    }
}
