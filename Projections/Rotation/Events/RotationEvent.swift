public import EventModel
internal import Foundation

/// A fact of the rotation system, as it is written to the log.
///
/// A type's name and the names in its data have been written down for ever: a change is a new
/// property that may be absent, or a new type.
public protocol RotationEvent: Encodable, Sendable, Equatable {
    /// The event's type, for example `proxy.added`.
    static var type: String { get }
    /// The entity that it happened to, named `kind/id`.
    var stream: String { get }
    /// When it happened; `nil` for the few that say no time in their data.
    var at: Timestamp? { get }
    /// Words to find it by, besides type and stream.
    var tags: [String] { get }
}

extension RotationEvent {
    /// No time in the data.
    public var at: Timestamp? { nil }
    /// No tags.
    public var tags: [String] { [] }

    /// The event to append: data in JSON with sorted names in `snake_case`, absent values left out.
    ///
    /// - Parameters:
    ///   - id: A client id, for an event that may be sent again; `nil` for none.
    ///   - occurred: The time of an event that says none in its data.
    /// - Throws: `JSON_INVALID` for a number that JSON cannot say.
    public func event(id: String? = nil, occurred: Timestamp? = nil) throws(AnnalsError) -> Event {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .custom { SnakeCaseName($0[$0.count - 1]) }
        do {
            return Event(
                type: Self.type, stream: stream, data: Array(try encoder.encode(self)), tags: tags,
                id: id, occurred: at ?? occurred)
        } catch {
            throw AnnalsError(
                .invalid, "JSON_INVALID", "The data of \(Self.type) cannot be written: \(error).",
                hint: "Numbers must be finite.", context: .init(type: Self.type, stream: stream))
        }
    }
}

/// The name of a property in the log: `proxyID` is `proxy_id`.
private struct SnakeCaseName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ key: any CodingKey) {
        let words = key.stringValue.replacing("IDs", with: "Ids").replacing("ID", with: "Id")
        stringValue = words.reduce(into: "") { name, letter in
            if letter.isUppercase { name += "_" }
            name += letter.lowercased()
        }
    }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
