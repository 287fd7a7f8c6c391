/// What the fields of proxies and of requests through them may hold.
enum ProxyLimits {
    static let nameMax = 255
    static let groupMax = 100
    static let regionMax = 100
    static let tagsMax = 20
    static let tagMax = 50
    static let urlMax = 8_192

    static func check(name: String) throws(RotationError) {
        try check("name", name, 1...nameMax)
    }

    static func check(host: String) throws(RotationError) {
        try check("host", host, 1...nameMax)
        guard !host.contains(where: \.isWhitespace) else {
            throw RotationError(.invalid(field: "host"), "A host holds no spaces.")
        }
    }

    static func check(port: Int) throws(RotationError) {
        guard (1...65_535).contains(port) else {
            throw RotationError(.invalid(field: "port"), "A port is 1 to 65,535, not \(port).")
        }
    }

    static func check(region: String?) throws(RotationError) {
        if let region { try check("region", region, 0...regionMax) }
    }

    static func check(group: String?) throws(RotationError) {
        if let group { try check("rotationGroup", group, 1...groupMax) }
    }

    static func check(tags: [String]) throws(RotationError) {
        guard tags.count <= tagsMax else {
            throw RotationError(
                .invalid(field: "tags"), "\(tags.count) tags are more than \(tagsMax).")
        }
        for tag in tags { try check("tags", tag, 1...tagMax) }
    }

    static func check(weight: Double) throws(RotationError) {
        guard weight >= 0, weight <= 100 else {
            throw RotationError(
                .invalid(field: "weight"), "Weight must be between 0 and 100, not \(weight).")
        }
    }

    static func check(
        _ field: String, _ text: String, _ length: ClosedRange<Int>
    ) throws(RotationError) {
        // SQLite's length() counts code points, and so does the limit.
        guard length.contains(text.unicodeScalars.count) else {
            throw RotationError(
                .invalid(field: field),
                "The field \(field) has \(length.lowerBound) to \(length.upperBound) characters, not"
                    + " \(text.unicodeScalars.count).")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw RotationError(
                .invalid(field: field), "The field \(field) holds a control character.")
        }
    }

    static func check(domain: String) throws(RotationError) { try check("domain", domain, 1...255) }

    /// What a request was for: each of them at most 255 characters, where it is told.
    static func check(target: (field: String, text: String?)...) throws(RotationError) {
        for (field, text) in target { if let text { try check(field, text, 0...255) } }
    }

    static func check(url: String?) throws(RotationError) {
        if let url { try check("url", url, 0...urlMax) }
    }
}
