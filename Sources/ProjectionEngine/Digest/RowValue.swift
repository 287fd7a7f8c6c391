/// A value in a row of a projection, with its storage class.
public enum RowValue: Sendable, Equatable {
    /// SQL NULL.
    case null
    /// A whole number.
    case integer(Int64)
    /// A floating-point number.
    case real(Double)
    /// Text.
    case text(String)
    /// Bytes.
    case blob([UInt8])

    /// Characters or bytes that `shortened` leaves.
    public static let shownMax = 60

    /// Two values cut to what is needed to tell them apart, with `…` where something was left out.
    ///
    /// Of two long texts the part around the first difference is kept.
    public static func shortened(_ left: RowValue, _ right: RowValue) -> (RowValue, RowValue) {
        guard case .text(let a) = left, case .text(let b) = right else {
            return (left.cut(from: 0), right.cut(from: 0))
        }
        let common = zip(a.unicodeScalars, b.unicodeScalars).prefix { $0 == $1 }.count
        let start = common > shownMax / 2 ? common - shownMax / 4 : 0
        return (left.cut(from: start), right.cut(from: start))
    }

    /// The value cut to `shownMax` characters or bytes.
    public var shortened: RowValue { cut(from: 0) }

    private func cut(from start: Int) -> RowValue {
        switch self {
        case .null, .integer, .real: return self
        case .blob(let bytes): return .blob(Array(bytes.prefix(Self.shownMax)))
        case .text(let text):
            let rest = text.unicodeScalars.dropFirst(start)
            let kept = rest.prefix(Self.shownMax)
            var shown = start > 0 ? "…" : ""
            shown.unicodeScalars.append(contentsOf: kept)
            return .text(kept.endIndex < rest.endIndex ? shown + "…" : shown)
        }
    }
}
