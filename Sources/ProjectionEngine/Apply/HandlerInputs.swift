import EventModel

/// A part of the event around its data, by the name of its parameter.
enum EnvelopePart: String {
    case data = "@data"
    case metadata = "@metadata"
    case type = "@type"
    case stream = "@stream"
    case key = "@key"
    case revision = "@revision"
    case position = "@position"
    case time = "@time"
    case recorded = "@recorded"
    case id = "@id"
}

/// What the statements of one event type take from an event, each thing once: a value has a place, and
/// several parameters may name the same place.
struct TypeInputs {
    /// The type's name.
    let name: String
    /// How many values one event gives.
    private(set) var count = 0
    /// The top-level fields of the data.
    private(set) var fields = FieldNames()
    /// The place of each field's value.
    private(set) var fieldPlaces: [Int] = []
    /// The parts of the envelope, each with the place of its value.
    private(set) var parts: [(part: EnvelopePart, place: Int)] = []
    /// The schema versions whose data is rewritten before its fields are read.
    var rewrittenVersions: [Int] = []

    init(name: String) { self.name = name }

    /// The place of a field's value, made now if it is new.
    mutating func place(ofField name: [UInt8]) -> Int {
        let number = fields.number(of: name)
        if number == fieldPlaces.count { fieldPlaces.append(newPlace()) }
        return fieldPlaces[number]
    }

    /// The place of a part of the envelope, made now if it is new.
    mutating func place(of part: EnvelopePart) -> Int {
        if let known = parts.first(where: { $0.part == part }) { return known.place }
        let place = newPlace()
        parts.append((part, place))
        return place
    }

    private mutating func newPlace() -> Int {
        defer { count += 1 }
        return count
    }
}

/// What a projection takes from events of all types; without the statements, so that events can be
/// read on another thread than the one that has the connection.
struct HandlerInputs {
    private(set) var types: [TypeInputs] = []
    private var table = TypeTable()

    /// The index in `types` of an event type; `nil` when nothing is to be run for it.
    func index(of type: Span<UInt8>) -> Int? { table.index(of: type) }

    /// The index of an event type, entered now if it is new.
    mutating func enter(_ type: String) -> Int {
        let bytes = Array(type.utf8)
        if let index = table.index(of: bytes.span) { return index }
        table.add(bytes)
        types.append(TypeInputs(name: type))
        return types.count - 1
    }

    /// Changes what a type takes.
    mutating func update<R, E: Error>(
        _ type: Int, _ change: (inout TypeInputs) throws(E) -> R
    ) throws(E) -> R {
        try change(&types[type])
    }
}
