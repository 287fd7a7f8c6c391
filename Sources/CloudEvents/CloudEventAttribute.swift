import EventModel

/// The attributes of a line that mean something here.
enum CloudEventAttribute: Int, CaseIterable {
    case specversion
    case id
    case source
    case type
    case subject
    case time
    case occurredms
    case datacontenttype
    case tags
    case metadata
    case revision
    case recordedtime
    case recordedms
    case schemaversion
    case clientid
    case data
    case dataBase64
    // From CloudEvents itself and its documented extensions: kept in the metadata.
    case dataschema
    case traceparent
    case tracestate
    case correlationid
    case causationid
    case partitionkey
    case sequence
    case sequencetype

    /// The name in the line.
    var name: String { self == .dataBase64 ? "data_base64" : "\(self)" }

    /// The attributes that have no place in an event but its metadata.
    static let keptInMetadata: [CloudEventAttribute] = [
        .datacontenttype, .dataschema, .traceparent, .tracestate, .correlationid, .causationid,
        .partitionkey, .sequence, .sequencetype,
    ]

    /// The attribute of this name, `nil` for one that is not known here.
    static func named(_ name: Span<UInt8>) -> CloudEventAttribute? {
        guard name.count <= 16 else { return nil }
        var key: UInt128 = 0
        for index in name.indices { key = key << 8 | UInt128(name[index]) }
        for (index, known) in keys.enumerated() where known == key { return allCases[index] }
        return nil
    }

    /// Every name as one number, in the order of the cases: comparing names is most of decoding.
    private static let keys: [UInt128] = allCases.map { attribute in
        attribute.name.utf8.reduce(0) { key, byte in key << 8 | UInt128(byte) }
    }
}

/// Where the attributes of a line stand in it.
struct CloudEventAttributes {
    private var members: [25 of JSONMember?] = .init(repeating: nil)

    /// Walks a line that was checked to be one JSON object.
    ///
    /// A `null` is an absent attribute, as the JSON format of CloudEvents says.
    init(_ line: Span<UInt8>) throws(AnnalsError) {
        var walk = JSONMembers(line)
        while let member = walk.next() {
            let attribute: CloudEventAttribute?
            if member.nameHasEscapes {
                var name: [UInt8] = []
                unescapeJSON(line.extracting(member.nameRange), into: &name)
                attribute = .named(name.span)
            } else {
                attribute = .named(line.extracting(member.nameRange))
            }
            if member.kind == .null { continue }
            guard let attribute else {
                throw importError(
                    "IMPORT_ATTRIBUTE",
                    "The extension attribute '\(String(utf8: line.extracting(member.nameRange)))' has "
                        + "no place in an event.",
                    hint: "Move it into data or metadata, so that it is not lost.", line,
                    at: member.nameRange.lowerBound - 1)
            }
            members[attribute.rawValue] = member
        }
    }

    subscript(_ attribute: CloudEventAttribute) -> JSONMember? { members[attribute.rawValue] }
}

/// An error in a line, with its column.
func importError(
    _ code: String, _ message: String, hint: String, _ line: Span<UInt8>, at offset: Int
) -> AnnalsError {
    let column = JSONText.lineAndColumn(of: offset, in: line).column
    return AnnalsError(
        .invalid, code, message, hint: hint, context: AnnalsError.Context(column: column))
}

extension JSONMember {
    /// The value in the line, the quotes of a string included.
    var textRange: Range<Int> {
        kind == .string || kind == .stringWithEscapes
            ? (valueRange.lowerBound - 1)..<(valueRange.upperBound + 1) : valueRange
    }
}
