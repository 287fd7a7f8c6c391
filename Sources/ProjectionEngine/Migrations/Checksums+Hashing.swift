internal import Crypto
internal import SQLite

extension Checksums {
    /// Hashes a migration file.
    init(lines: MigrationLines, header: MigrationHeader, sections: [RawSection]) {
        let end = sections.first?.markerLine ?? lines.count
        let headerTokens = Self.headerTokens(module: header.module, depends: header.depends)
        var text = Self.normalised(lines.text(0..<end), keeping: [])
        var parts = [
            (name: "header", part: Part(text: Self.hash(text), tokens: headerTokens))
        ]
        for section in sections {
            let body = Self.body(of: section, in: lines)
            parts.append(
                (
                    section.marker.partName,
                    Part(
                        text: Self.hash("\(section.marker.line)\n\(body.text)"),
                        tokens: Self.hash([section.marker.title] + body.tokens))
                ))
            text += "\(section.marker.line)\n\(body.text)"
        }
        self.init(
            whole: Self.hash(text.trimmingBlankLines()),
            tokens: Self.hash(parts.map(\.part.tokens).sorted()), parts: parts)
    }

    /// The token hash of a header: of what has an effect in it.
    public static func headerTokens(module: String, depends: [Int]) -> String {
        hash([module] + depends.map(String.init))
    }

    /// The normalised text of a section and its tokens.
    private static func body(
        of section: RawSection, in lines: MigrationLines
    ) -> (text: String, tokens: [String]) {
        let sql = lines.text(section.body)
        if case .seed = section.marker {
            // A seed's bytes are the event's data: every one of them counts.
            let data = section.body.map { lines[$0] }.filter { !$0.hasPrefix("--") }
            return (
                normalised(sql, keeping: []),
                [
                    String(data.joined(separator: "\n").drop(while: \.isWhitespace))
                        .trimmingBlankLines()
                ]
            )
        }
        let bytes = Array(sql.utf8)
        let tokens = SQLiteText.tokens(of: sql)
        return (
            normalised(sql, keeping: tokens.map(\.range)),
            tokens.map { String(decoding: bytes[$0.range], as: UTF8.self) }
        )
    }

    /// The text without spaces at line ends; those inside a token, which is a string, stay.
    private static func normalised(_ text: String, keeping tokens: [Range<Int>]) -> String {
        var output: [UInt8] = []
        var token = tokens.makeIterator()
        var current = token.next()
        for (offset, byte) in text.utf8.enumerated() {
            while let range = current, range.upperBound <= offset { current = token.next() }
            let isInToken = current.map { $0.lowerBound < offset } ?? false
            if byte == UInt8(ascii: "\n"), !isInToken {
                while output.last == 0x20 || output.last == 0x09 { output.removeLast() }
            }
            output.append(byte)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// A hash over several texts; no text of a migration holds the NUL that parts them.
    private static func hash(_ texts: [String]) -> String { hash(texts.joined(separator: "\0")) }

    private static func hash(_ text: String) -> String {
        hex(SHA256.hash(data: Array(text.trimmingBlankLines().utf8)))
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension String {
    /// Without empty lines at the end, and with one line end there.
    func trimmingBlankLines() -> String {
        var text = self[...]
        while text.last == "\n" || text.last == " " || text.last == "\t" { text.removeLast() }
        return text + "\n"
    }
}
