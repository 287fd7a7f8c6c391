extension Timestamp {
    /// Reads a time as RFC 3339 writes it: `2026-11-21T04:13:44.123+01:00`.
    ///
    /// Any offset; up to nine digits of fraction, cut to milliseconds; `t`, `z` and a space for the
    /// `T` are taken as well. A leap second, 23:59:60 UTC, becomes the last millisecond before it.
    /// `nil` for anything else, dates that do not exist included.
    public init?(rfc3339 text: String) {
        var text = text
        text.makeContiguousUTF8()
        self.init(rfc3339: text.utf8.span)
    }

    /// Reads a time as RFC 3339 writes it, from UTF-8.
    public init?(rfc3339 text: Span<UInt8>) {
        guard let time = RFC3339.parse(text) else { return nil }
        self = time
    }

    /// The time as RFC 3339 writes it, in UTC with milliseconds: `2026-11-21T04:13:44.123Z`.
    ///
    /// `nil` outside the years 0000 to 9999, which RFC 3339 cannot write.
    public var rfc3339: String? {
        var text: [UInt8] = []
        guard appendRFC3339(to: &text) else { return nil }
        return String(utf8: text.span)
    }

    /// Appends the time as RFC 3339 writes it, 24 bytes of ASCII without quotes.
    ///
    /// - Returns: `false`, with nothing appended, outside the years 0000 to 9999.
    public func appendRFC3339(to output: inout [UInt8]) -> Bool {
        let dayMs: Int64 = 86_400_000
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: dayMs)
        let days = remainder < 0 ? quotient - 1 : quotient
        let ms = Int(remainder < 0 ? remainder + dayMs : remainder)
        guard let date = CivilDate(daysSinceEpoch: days) else { return false }
        func append(_ value: Int, digits: Int, then mark: Unicode.Scalar) {
            var divisor = digits == 4 ? 1000 : digits == 3 ? 100 : 10
            while divisor > 0 {
                output.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
                divisor /= 10
            }
            output.append(UInt8(ascii: mark))
        }
        append(date.year, digits: 4, then: "-")
        append(date.month, digits: 2, then: "-")
        append(date.day, digits: 2, then: "T")
        append(ms / 3_600_000, digits: 2, then: ":")
        append(ms / 60_000 % 60, digits: 2, then: ":")
        append(ms / 1000 % 60, digits: 2, then: ".")
        append(ms % 1000, digits: 3, then: "Z")
        return true
    }
}

/// A day of the Gregorian calendar, also before it was in use, in the years 0 to 9999.
private struct CivilDate {
    let year: Int
    let month: Int
    let day: Int

    /// The days from 0000-03-01 to 1970-01-01.
    ///
    /// Years that begin in March end with the leap day.
    private static let epoch = 719_468
    private static let daysPer400Years = 146_097

    /// The date of a day, counted from 1970-01-01; `nil` outside the years 0 to 9999.
    init?(daysSinceEpoch: Int64) {
        guard daysSinceEpoch >= -719_528 && daysSinceEpoch <= 2_932_896 else { return nil }
        let days = Int(daysSinceEpoch) + Self.epoch + Self.daysPer400Years
        let era = days / Self.daysPer400Years
        let dayOfEra = days % Self.daysPer400Years
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + 400 * (era - 1) + (month <= 2 ? 1 : 0)
    }

    /// A date by its parts; `nil` if there is no such day.
    init?(year: Int, month: Int, day: Int) {
        guard month >= 1 && month <= 12 && day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length =
            switch month {
            case 2: isLeap ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        guard day <= length else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    var daysSinceEpoch: Int {
        let shifted = (month <= 2 ? year - 1 : year) + 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = 365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (shifted / 400 - 1) * Self.daysPer400Years + dayOfEra - Self.epoch
    }
}

/// Reads RFC 3339 from left to right.
private struct RFC3339: ~Escapable {
    private let text: Span<UInt8>
    private var index = 0

    @_lifetime(copy text)
    private init(_ text: Span<UInt8>) { self.text = text }

    static func parse(_ text: Span<UInt8>) -> Timestamp? {
        var reader = RFC3339(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2),
            reader.take("-"), let day = reader.number(2),
            let date = CivilDate(year: year, month: month, day: day),
            reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(2), hour < 24, reader.take(":"),
            let minute = reader.number(2), minute < 60, reader.take(":"),
            let second = reader.number(2), second <= 60, let ms = reader.fraction(),
            let offset = reader.offset(), reader.index == text.count
        else { return nil }
        let minutes = date.daysSinceEpoch * 1440 + hour * 60 + minute - offset
        guard second == 60 else {
            return Timestamp(milliseconds: Int64((minutes * 60 + second) * 1000 + ms))
        }
        guard (minutes + 1) % 1440 == 0 else { return nil }
        return Timestamp(milliseconds: Int64((minutes + 1) * 60_000 - 1))
    }

    @_lifetime(self: copy self)
    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: mark) else { return false }
        index += 1
        return true
    }

    @_lifetime(self: copy self)
    private mutating func number(_ digits: Int) -> Int? {
        guard text.count - index >= digits else { return nil }
        var value = 0
        for _ in 0..<digits {
            guard isDigit(text[index]) else { return nil }
            value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
            index += 1
        }
        return value
    }

    /// The milliseconds of an optional fraction of one to nine digits.
    @_lifetime(self: copy self)
    private mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        let start = index
        var ms = 0
        while index < text.count, isDigit(text[index]) {
            if index - start < 3 { ms = ms * 10 + Int(text[index] - UInt8(ascii: "0")) }
            index += 1
        }
        switch index - start {
        case 1: return ms * 100
        case 2: return ms * 10
        case 3...9: return ms
        default: return nil
        }
    }

    /// The offset from UTC in minutes.
    @_lifetime(self: copy self)
    private mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isNegative = take("-")
        guard isNegative || take("+"), let hours = number(2), hours < 24, take(":"),
            let minutes = number(2), minutes < 60
        else { return nil }
        return isNegative ? -(hours * 60 + minutes) : hours * 60 + minutes
    }
}
