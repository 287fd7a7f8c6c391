import EventModel

/// The parts of an event that are JSON themselves.
extension CloudEventReader {
    private static let jsonType = Array("application/json".utf8)

    /// The tags: an array of strings, a string that holds one, or a string that is one tag.
    func tags(_ line: Span<UInt8>) throws(AnnalsError) -> [String] {
        guard let member = attributes[.tags] else { return [] }
        switch member.kind {
        case .array: return try elements(line.extracting(member.valueRange), line)
        case .string, .stringWithEscapes:
            let bytes = unescaped(member, line)
            guard bytes.first == UInt8(ascii: "["), isJSON(bytes.span) else {
                return [String(utf8: bytes.span)]
            }
            return try elements(bytes.span, line)
        default: throw wrong(.tags, "has to be an array of strings, or a string", line)
        }
    }

    private func elements(
        _ array: Span<UInt8>, _ line: Span<UInt8>
    ) throws(AnnalsError) -> [String] {
        var tags: [String] = []
        var walk = JSONElements(array)
        while let (kind, range) = walk.next() {
            switch kind {
            case .string: tags.append(String(utf8: array.extracting(range)))
            case .stringWithEscapes:
                var bytes: [UInt8] = []
                unescapeJSON(array.extracting(range), into: &bytes)
                tags.append(String(utf8: bytes.span))
            default: throw wrong(.tags, "has to hold strings only", line)
            }
        }
        return tags
    }

    private func isJSON(_ text: Span<UInt8>) -> Bool {
        do throws(JSONError) {
            try JSONText.validateValue(text)
            return true
        } catch {
            return false
        }
    }

    /// The metadata, and behind its own members the attributes that only it can keep; empty with
    /// neither.
    func metadata(_ line: Span<UInt8>) throws(AnnalsError) -> [UInt8] {
        let own = try ownMetadata(line)
        let added = try keptAttributes(line)
        if added.isEmpty { return own }
        var joined = Array(own[..<(own.lastIndex(of: UInt8(ascii: "}")) ?? 0)])
        if own.isEmpty { joined.append(UInt8(ascii: "{")) }
        var members = JSONMembers(own.span)
        if members.next() != nil { joined.append(UInt8(ascii: ",")) }
        joined.append(contentsOf: added)
        joined.append(UInt8(ascii: "}"))
        do throws(JSONError) {
            try JSONText.validateObject(joined.span)
        } catch {
            throw wrong(
                .metadata, "has a member that is an attribute of the line as well", line,
                hint: "Take one of them away.")
        }
        return joined
    }

    private func ownMetadata(_ line: Span<UInt8>) throws(AnnalsError) -> [UInt8] {
        guard let member = attributes[.metadata] else { return [] }
        switch member.kind {
        case .object: return Array(copying: line.extracting(member.valueRange))
        case .string, .stringWithEscapes:
            let bytes = unescaped(member, line)
            if bytes.isEmpty { return [] }
            do throws(JSONError) {
                try JSONText.validateObject(bytes.span)
            } catch {
                throw wrong(
                    .metadata,
                    "does not hold one JSON object (byte \(error.offset): \(error.message))", line)
            }
            return bytes
        default: throw wrong(.metadata, "has to be a JSON object, or a string that holds one", line)
        }
    }

    /// The attributes that only the metadata can keep, as members of an object.
    private func keptAttributes(_ line: Span<UInt8>) throws(AnnalsError) -> [UInt8] {
        var members: [UInt8] = []
        for attribute in CloudEventAttribute.keptInMetadata {
            guard let member = attributes[attribute], try isKept(attribute, member, line) else {
                continue
            }
            if !members.isEmpty { members.append(UInt8(ascii: ",")) }
            JSONText.quote(attribute.name, into: &members)
            members.append(UInt8(ascii: ":"))
            members.append(copying: line.extracting(member.textRange))
        }
        return members
    }

    private func isKept(
        _ attribute: CloudEventAttribute, _ member: JSONMember, _ line: Span<UInt8>
    ) throws(AnnalsError) -> Bool {
        if member.kind == .object || member.kind == .array {
            throw wrong(attribute, "has to be a string, a number, true or false", line)
        }
        guard attribute == .datacontenttype else { return true }
        if sameBytes(line.extracting(member.valueRange), Self.jsonType.span) { return false }
        let type = try text(.datacontenttype, line) ?? ""
        let name = (type.split(separator: ";").first ?? "").lowercased()
        let words = name.split(separator: " ")
        if words == ["application/json"] { return false }
        if words.count == 1 && name.hasSuffix("+json") { return true }
        throw wrong(
            .datacontenttype, "is \"\(type)\", and the data has to be JSON", line,
            hint: "Put the data into a JSON object, and name application/json.")
    }

    /// The data's bytes: one JSON object.
    func data(_ line: Span<UInt8>) throws(AnnalsError) -> [UInt8] {
        if let member = attributes[.data] {
            guard attributes[.dataBase64] == nil else {
                throw wrong(.dataBase64, "cannot stand beside 'data'", line)
            }
            guard member.kind == .object else {
                throw wrong(
                    .data, "has to be one JSON object", line, code: "DATA_NOT_OBJECT",
                    hint: "Put another value into an object, such as {\"value\": …}.")
            }
            return Array(copying: line.extracting(member.valueRange))
        }
        guard let member = attributes[.dataBase64] else {
            throw importError(
                "DATA_NOT_OBJECT", "The attribute 'data' is missing.",
                hint: "Add one JSON object, {} at least.", line, at: 0)
        }
        guard member.kind == .string || member.kind == .stringWithEscapes,
            let bytes = Base64.decode(unescaped(member, line).span)
        else { throw wrong(.dataBase64, "has to be a string in base 64 (RFC 4648 §4)", line) }
        do throws(JSONError) {
            try JSONText.validateObject(bytes.span)
        } catch {
            throw wrong(
                .dataBase64,
                "does not hold one JSON object (byte \(error.offset): \(error.message))", line,
                code: "DATA_NOT_OBJECT")
        }
        return bytes
    }
}
