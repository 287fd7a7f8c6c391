import EventModel

/// Reads the fields that the handlers of a type name out of an event's data, in one walk.
struct FieldReader {
    /// The values of the last event read, in the order of the names.
    private(set) var values: [FieldValue] = []
    /// The strings of the last event that had escapes.
    private(set) var scratch: [UInt8] = []
    private var name: [UInt8] = []

    /// Fills `values` for the names; a field that is absent is null.
    ///
    /// - Precondition: `data` is a valid object, so every name occurs at most once.
    mutating func read(_ names: borrowing FieldNames, from data: Span<UInt8>) {
        scratch.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        for _ in 0..<names.count { values.append(.null) }
        var missing = names.count
        // Writers tend to keep one order: the next name is looked for behind the last one found.
        var guess = 0
        var members = JSONMembers(data)
        while missing > 0, let member = members.next() {
            guard let index = index(of: member, in: data, names, guess) else { continue }
            values[index] = value(of: member, in: data)
            guess = index + 1
            missing -= 1
        }
    }

    private mutating func index(
        of member: JSONMember, in data: Span<UInt8>, _ names: borrowing FieldNames, _ guess: Int
    ) -> Int? {
        let body = data.extracting(member.nameRange)
        guard member.nameHasEscapes else { return Self.index(of: body, in: names, guess) }
        name.removeAll(keepingCapacity: true)
        unescapeJSON(body, into: &name)
        return Self.index(of: name.span, in: names, guess)
    }

    private static func index(
        of name: Span<UInt8>, in names: borrowing FieldNames, _ guess: Int
    ) -> Int? {
        for step in 0..<names.count {
            var index = guess + step
            if index >= names.count { index -= names.count }
            if names.isSame(index, as: name) { return index }
        }
        return nil
    }

    private mutating func value(of member: JSONMember, in data: Span<UInt8>) -> FieldValue {
        switch member.kind {
        case .string, .object, .array: return .data(member.valueRange)
        case .stringWithEscapes:
            let start = scratch.count
            unescapeJSON(data.extracting(member.valueRange), into: &scratch)
            return .scratch(start..<scratch.count)
        case .integer, .real:
            return switch JSONNumber.parse(data.extracting(member.valueRange)) {
            case .integer(let value): .integer(value)
            case .real(let value): .real(value)
            }
        case .true: return .integer(1)
        case .false: return .integer(0)
        case .null: return .null
        }
    }
}
