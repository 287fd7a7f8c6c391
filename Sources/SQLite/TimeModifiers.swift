extension SQLiteText {
    /// Where a date or time function is told to use the machine's time zone: the offsets of the
    /// strings 'localtime' and 'utc' among the arguments, in bytes of UTF-8.
    public static func timeZoneModifiers(in sql: String) -> [Int] {
        let scan = SQLScan(sql)
        return timeCalls(scan).flatMap { call in
            call.arguments.joined().filter {
                scan.tokens[$0].kind == .string
                    && ["'localtime'", "'utc'"].contains(scan.text(at: $0))
            }
        }.uniqued().map { scan.tokens[$0].range.lowerBound }
    }

    /// Where a date or time function takes a modifier of which the text does not tell that it is none
    /// of the time zone: the offsets of these arguments, in bytes of UTF-8.
    ///
    /// Told is what is one string, and what begins with a sign or digit, as `'+' || $days || ' days'`
    /// does: whatever follows, it moves a time by an amount.
    public static func openTimeModifiers(in sql: String) -> [Int] {
        let scan = SQLScan(sql)
        return timeCalls(scan).flatMap { call in
            call.arguments.dropFirst(call.function == "strftime" ? 2 : 1).filter {
                isOpen($0, scan)
            }
        }.map { scan.tokens[$0.lowerBound].range.lowerBound }
    }

    /// Where a text may read the clock, whatever the values are: the offsets of CURRENT_TIMESTAMP and
    /// its kin, and of calls of date and time functions, in bytes of UTF-8.
    ///
    /// A call with the modifier 'unixepoch' reads none: it takes numbers only, and not 'now'.
    public static func clockReads(in sql: String) -> [Int] {
        let scan = SQLScan(sql)
        let words = scan.tokens.indices.filter { clockWords.contains(scan.word(at: $0)) }
        let calls = timeCalls(scan).filter { call in
            !call.arguments.contains {
                $0.count == 1 && scan.text(at: $0.lowerBound) == "'unixepoch'"
            }
        }
        return (words + calls.map(\.index)).sorted().map { scan.tokens[$0].range.lowerBound }
    }

    private static let clockWords: Set<String> = [
        "current_timestamp", "current_date", "current_time",
    ]

    /// A call with the tokens of each argument; none of them is empty.
    private struct TimeCall {
        /// The token of the function's name.
        let index: Int
        let function: String
        let arguments: [Range<Int>]
    }

    private static let timeFunctions: Set<String> = [
        "date", "time", "datetime", "julianday", "unixepoch", "strftime",
    ]

    private static func timeCalls(_ scan: SQLScan) -> [TimeCall] {
        scan.tokens.indices.compactMap { index in
            let function = scan.name(at: index)
            guard timeFunctions.contains(function), scan.isSymbol("(", at: index + 1) else {
                return nil
            }
            var arguments: [Range<Int>] = []
            var start = index + 2
            var depth = 1
            var end = start
            while depth > 0, end < scan.tokens.count {
                if scan.isSymbol("(", at: end) { depth += 1 }
                if scan.isSymbol(")", at: end) { depth -= 1 }
                if depth == 0 || depth == 1 && scan.isSymbol(",", at: end) {
                    if start < end { arguments.append(start..<end) }
                    start = end + 1
                }
                end += 1
            }
            if isColumnList(of: index, until: end, scan) { return nil }
            return TimeCall(index: index, function: function, arguments: arguments)
        }
    }

    /// Whether what looks like a call is a table of that name with a list of its columns.
    private static func isColumnList(of name: Int, until end: Int, _ scan: SQLScan) -> Bool {
        if scan.isSymbol(".", at: name - 1) { return true }
        switch scan.word(at: name - 1) {
        case "into", "table", "exists", "references", "view", "with", "recursive": return true
        // CREATE INDEX i ON date (…), but not JOIN t ON date(…).
        case "on": return ["index", "exists"].contains(scan.word(at: name - 3))
        default: break
        }
        // WITH a AS (…), date (…) AS (…): behind a call, AS is followed by a name.
        return scan.word(at: end) == "as"
            && (scan.isSymbol("(", at: end + 1)
                || ["materialized", "not"].contains(scan.word(at: end + 1)))
    }

    private static func isOpen(_ argument: Range<Int>, _ scan: SQLScan) -> Bool {
        let first = argument.first { !scan.isSymbol("(", at: $0) } ?? argument.lowerBound
        switch scan.tokens[first].kind {
        case .number: return false
        case .symbol: return scan.text(at: first) != "-"
        case .string:
            if argument.count == 1 { return false }
            let start = scan.text(at: first).dropFirst().first
            return !(start.map { "+-0123456789".contains($0) } ?? false)
        default: return true
        }
    }
}

extension Array where Element: Hashable {
    /// The elements without those that came before: nested calls share arguments.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
