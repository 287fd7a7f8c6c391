import EventModel

/// Turns the attributes of one line into the parts of an event.
struct CloudEventReader {
    let attributes: CloudEventAttributes

    // MARK: Text

    /// The text of an attribute that has to be a string with something in it.
    func required(
        _ attribute: CloudEventAttribute, _ line: Span<UInt8>
    ) throws(AnnalsError) -> String {
        guard attributes[attribute] != nil else {
            let meaning = attribute == .subject ? ", which names the stream," : ""
            throw importError(
                "IMPORT_ATTRIBUTE", "The attribute '\(attribute.name)'\(meaning) is missing.",
                hint: "Add it to the line.", line, at: 0)
        }
        guard let text = try text(attribute, line), !text.isEmpty else {
            throw wrong(attribute, "has to be a string that is not empty", line)
        }
        return text
    }

    /// The text of an attribute that has to be a string; `nil` without it.
    func text(
        _ attribute: CloudEventAttribute, _ line: Span<UInt8>
    ) throws(AnnalsError) -> String? {
        guard let member = attributes[attribute] else { return nil }
        switch member.kind {
        case .string: return String(utf8: line.extracting(member.valueRange))
        case .stringWithEscapes: return String(utf8: unescaped(member, line).span)
        default: throw wrong(attribute, "has to be a string", line)
        }
    }

    /// The value of a string member, without its escapes.
    func unescaped(_ member: JSONMember, _ line: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        unescapeJSON(line.extracting(member.valueRange), into: &bytes)
        return bytes
    }

    /// The error for an attribute that is there and wrong.
    func wrong(
        _ attribute: CloudEventAttribute, _ rule: String, _ line: Span<UInt8>,
        code: String = "IMPORT_ATTRIBUTE", hint: String = "Correct it in the line."
    ) -> AnnalsError {
        importError(
            code, "The attribute '\(attribute.name)' \(rule).", hint: hint, line,
            at: attributes[attribute]?.textRange.lowerBound ?? 0)
    }

    // MARK: Numbers and times

    /// A whole number, given as a number or as a string of one.
    private func integer(
        _ attribute: CloudEventAttribute, _ line: Span<UInt8>
    ) throws(AnnalsError) -> Int64? {
        guard let member = attributes[attribute] else { return nil }
        switch member.kind {
        case .integer, .string:
            let text = String(utf8: line.extracting(member.valueRange))
            if !text.hasPrefix("+"), let value = Int64(text) { return value }
        default: break
        }
        throw wrong(attribute, "has to be a whole number", line)
    }

    /// A time, given by RFC 3339 or in milliseconds; `nil` with neither.
    func time(
        _ attribute: CloudEventAttribute, or milliseconds: CloudEventAttribute, _ line: Span<UInt8>
    ) throws(AnnalsError) -> Timestamp? {
        if let value = try integer(milliseconds, line) {
            guard attributes[attribute] == nil else {
                throw wrong(milliseconds, "cannot stand beside '\(attribute.name)'", line)
            }
            return Timestamp(milliseconds: value)
        }
        guard let member = attributes[attribute] else { return nil }
        if member.kind == .string,
            let time = Timestamp(rfc3339: line.extracting(member.valueRange))
        {
            return time
        }
        throw wrong(attribute, "has to be a time such as \"2026-11-21T04:13:44.123Z\"", line)
    }

    /// The version of the data's shape, 1 without the attribute.
    func schemaVersion(_ line: Span<UInt8>) throws(AnnalsError) -> Int {
        let version = try integer(.schemaversion, line) ?? 1
        guard version >= 1 && version <= Limits.schemaVersionMax else {
            throw wrong(.schemaversion, "has to be 1 to \(Limits.schemaVersionMax)", line)
        }
        return Int(version)
    }

    // MARK: Identity

    /// The revision, and whether the id was made from stream and revision.
    func identity(
        id: String, stream: String, _ line: Span<UInt8>
    ) throws(AnnalsError) -> (revision: Revision?, isMade: Bool) {
        let given = try integer(.revision, line)
        if let given, given < 1 { throw wrong(.revision, "has to be at least 1", line) }
        let revision = given.map { Revision(UInt64($0)) }
        switch attributes[.clientid]?.kind {
        case .none, .some(.false): break
        case .some(.true): return (revision, false)
        case .some: throw wrong(.clientid, "has to be true or false", line)
        }
        guard let made = madeRevision(id: id, stream: stream), made == revision ?? made else {
            return (revision, false)
        }
        return (made, true)
    }

    /// The revision in an id of the form `STREAM@REVISION`, `nil` in any other id.
    private func madeRevision(id: String, stream: String) -> Revision? {
        let (id, stream) = (id.utf8, stream.utf8)
        guard id.count > stream.count + 1, id.starts(with: stream) else { return nil }
        let tail = id.dropFirst(stream.count)
        guard tail.first == UInt8(ascii: "@"), let number = UInt64(Substring(tail.dropFirst())),
            number >= 1, "\(number)".utf8.elementsEqual(tail.dropFirst())
        else { return nil }
        return Revision(number)
    }
}
