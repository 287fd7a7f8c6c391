/// The lines of a migration file and where each begins.
struct MigrationLines {
    let source: SourceText
    /// The lines without their line ends; a line end at the end of the file begins no further line.
    let lines: [Substring]
    private let utf8: [UInt8]
    /// The UTF-8 offset of each line, and one more for the end of the text.
    private let starts: [Int]

    init(_ source: SourceText) {
        self.source = source
        utf8 = Array(source.text.utf8)
        var lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines
        var starts: [Int] = []
        var start = 0
        for line in lines {
            starts.append(start)
            start += line.utf8.count + 1
        }
        self.starts = starts + [utf8.count]
    }

    var count: Int { lines.count }

    subscript(_ index: Int) -> Substring { lines[index] }

    /// The UTF-8 offset of a line, or of the end of the text for the line after the last.
    func start(of line: Int) -> Int { starts[line] }

    /// The text from the beginning of one line to the beginning of another.
    func text(_ range: Range<Int>) -> String {
        String(decoding: utf8[starts[range.lowerBound]..<starts[range.upperBound]], as: UTF8.self)
    }
}
