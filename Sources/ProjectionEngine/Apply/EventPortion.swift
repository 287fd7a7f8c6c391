import EventModel

/// The value of one parameter; a text is a range of the portion's bytes.
enum InputValue {
    case null
    case integer(Int64)
    case real(Double)
    case text(Range<Int>)
    /// Bytes that are no text.
    case blob(Range<Int>)
}

/// Some events on their way from the log to the handlers: what the handlers take from them, copied out
/// of the log's memory, and nothing else.
///
/// Used again and again, so that its memory is asked for once.
struct EventPortion {
    /// One event that has something to run.
    struct Entry {
        let position: Position
        let occurred: Timestamp
        let schemaVersion: Int
        /// The index of its type in the inputs.
        let type: Int
        /// Where its values begin.
        let firstValue: Int
        /// Its stream, among the bytes.
        let stream: Range<Int>
    }

    /// The events that have something to run, in order.
    private(set) var entries: [Entry] = []
    /// The values of all of them.
    private(set) var values: [InputValue] = []
    /// The texts of all of them.
    private(set) var bytes: [UInt8] = []
    /// The position of the last event looked at; before the first one when there was none.
    private(set) var end = Position.start
    private var name: [UInt8] = []

    /// Takes out everything; the memory stays.
    mutating func begin(after position: Position) {
        entries.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        end = position
    }

    /// Adds what the handlers take from an event.
    mutating func add(_ view: borrowing EventView, _ inputs: borrowing HandlerInputs) {
        end = view.position
        guard let type = inputs.index(of: view.typeBytes) else { return }
        let firstValue = values.count
        let stream = copy(view.streamBytes)
        entries.append(
            Entry(
                position: view.position, occurred: view.occurred,
                schemaVersion: view.schemaVersion, type: type, firstValue: firstValue,
                stream: stream))
        // A span lends its elements; an array would copy them, with a reference count for each list.
        let types = inputs.types.span
        for _ in 0..<types[type].count { values.append(.null) }
        for index in types[type].parts.indices {
            let (part, place) = types[type].parts[index]
            values[firstValue + place] = value(of: part, view, stream)
        }
        if types[type].fields.count > 0,
            !types[type].rewrittenVersions.contains(view.schemaVersion)
        {
            readFields(of: types[type], from: view.data, firstValue)
        }
    }

    /// Gives an event other data, as an upcast has made it: a JSON object.
    /// - Parameter isNewest: whether the handlers are next, and need the fields.
    mutating func rewrite(
        _ entry: Entry, _ inputs: borrowing TypeInputs, _ data: [UInt8], isNewest: Bool
    ) {
        for index in inputs.parts.indices where inputs.parts[index].part == .data {
            let range = copy(data.span)
            values[entry.firstValue + inputs.parts[index].place] = .text(range)
        }
        if isNewest { readFields(of: inputs, from: data.span, entry.firstValue) }
    }

    /// Takes out texts that were added behind the others.
    mutating func removeBytes(from end: Int) { bytes.removeSubrange(end...) }

    private mutating func copy(_ text: Span<UInt8>) -> Range<Int> {
        let start = bytes.count
        bytes.append(copying: text)
        return start..<bytes.count
    }

    private mutating func value(
        of part: EnvelopePart, _ view: borrowing EventView, _ stream: Range<Int>
    ) -> InputValue {
        switch part {
        case .data: .text(copy(view.data))
        case .metadata: view.metadata.isEmpty ? .null : .text(copy(view.metadata))
        case .type: .text(copy(view.typeBytes))
        case .stream: .text(stream)
        case .key: .text((stream.upperBound - view.keyBytes.count)..<stream.upperBound)
        case .revision: .integer(Int64(view.revision.value))
        case .position: .integer(Int64(view.position.value))
        case .time: .integer(view.occurred.milliseconds)
        case .recorded: .integer(view.recorded.milliseconds)
        case .id: view.idBytes.isEmpty ? .null : .text(copy(view.idBytes))
        }
    }
}

extension EventPortion {
    /// Fills in the fields that a type takes, in one walk over the data; what is absent is null.
    ///
    /// - Precondition: `data` is a valid object, so every name occurs at most once.
    private mutating func readFields(
        of inputs: borrowing TypeInputs, from data: Span<UInt8>, _ firstValue: Int
    ) {
        var missing = inputs.fields.count
        // Writers tend to keep one order: the next name is looked for behind the last one found.
        var guess = 0
        var members = JSONMembers(data)
        while missing > 0, let member = members.next() {
            let found =
                member.nameHasEscapes
                ? unescaped(data.extracting(member.nameRange), inputs.fields, guess)
                : inputs.fields.index(of: data.extracting(member.nameRange), guess)
            guard let found else { continue }
            values[firstValue + inputs.fieldPlaces[found]] = value(of: member, in: data)
            guess = found + 1
            missing -= 1
        }
    }

    private mutating func unescaped(
        _ name: Span<UInt8>, _ names: borrowing FieldNames, _ guess: Int
    ) -> Int? {
        self.name.removeAll(keepingCapacity: true)
        unescapeJSON(name, into: &self.name)
        return names.index(of: self.name.span, guess)
    }

    private mutating func value(of member: JSONMember, in data: Span<UInt8>) -> InputValue {
        let text = data.extracting(member.valueRange)
        switch member.kind {
        case .string, .array: return .text(copy(text))
        case .object: return object(text)
        case .stringWithEscapes:
            let start = bytes.count
            unescapeJSON(text, into: &bytes)
            return .text(start..<bytes.count)
        case .integer, .real:
            return switch JSONNumber.parse(text) {
            case .integer(let value): .integer(value)
            case .real(let value): .real(value)
            }
        case .true: return .integer(1)
        case .false: return .integer(0)
        case .null: return .null
        }
    }

    /// An object is its JSON text, but for the one that stands for a value which JSON cannot say.
    private mutating func object(_ text: Span<UInt8>) -> InputValue {
        switch TypedValue(text) {
        case nil: return .text(copy(text))
        case .integer(let value): return .integer(value)
        case .real(let value): return .real(value)
        case .text(let bytes): return .text(copy(bytes.span))
        case .blob(let bytes): return .blob(copy(bytes.span))
        }
    }
}
