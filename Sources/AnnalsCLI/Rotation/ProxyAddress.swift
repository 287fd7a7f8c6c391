internal import ArgumentParser
internal import RotationProjection

/// Where a proxy is reached, as it is written on a command line: `http://host:3128`.
struct ProxyAddress {
    let `protocol`: ProxyProtocol
    let host: String
    let port: Int

    /// Reads `PROTOCOL://HOST:PORT`; an IPv6 address stands in brackets.
    ///
    /// - Throws: an error that does not repeat the text, which may hold a password by mistake.
    init(_ text: String) throws(ValidationError) {
        guard let found = Self.parts(of: text) else {
            let protocols = ProxyProtocol.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(
                "An address is PROTOCOL://HOST:PORT, without user name and password, an IPv6 host in "
                    + "brackets; the protocols are \(protocols).")
        }
        self = found
    }

    private init(`protocol`: ProxyProtocol, host: String, port: Int) {
        self.protocol = `protocol`
        self.host = host
        self.port = port
    }

    private static func parts(of argument: String) -> ProxyAddress? {
        guard let scheme = argument.firstRange(of: "://"),
            let known = ProxyProtocol(rawValue: String(argument[..<scheme.lowerBound]))
        else { return nil }
        let place = argument[scheme.upperBound...]
        guard let colon = place.lastIndex(of: ":"),
            let port = Int(place[place.index(after: colon)...])
        else { return nil }
        var host = place[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        // A user name here would end up in the shell's history.
        guard !host.isEmpty, !host.contains("@"), !host.contains("/") else { return nil }
        return ProxyAddress(protocol: known, host: String(host), port: port)
    }
}
