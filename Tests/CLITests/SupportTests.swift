import EventModel
import Testing

@testable import AnnalsCLI

@Suite("What the commands share")
struct SupportTests {
    @Test("JSON keeps the order of members and what JSON cannot say becomes text")
    func json() {
        let value: JSON = [
            "b": 1, "a": [nil, true, "\u{1}\"é"], "r": .real(.infinity), "n": .real(0.1),
            "raw": .raw(Array("{\n\"x\":1}".utf8)), "big": JSON(UInt64.max),
        ]
        #expect(
            value.text
                == #"{"b":1,"a":[null,true,"\u0001\"é"],"r":"Infinity","n":0.1,"raw":{ "x":1},"#
                + #""big":9223372036854775807}"#)
        #expect(JSON(Timestamp(milliseconds: .max)).text == "9223372036854775807")
    }

    @Test(
        "Widths of what terminals show",
        arguments: [
            ("abc", 3), ("東京", 4), ("é", 1), ("e\u{301}", 1), ("👩‍👩‍👧", 2), ("❤️", 2), ("", 0), ("ﬁ", 1),
            ("ｗ", 2), ("한글", 4),
        ])
    func widths(text: String, columns: Int) {
        #expect(DisplayText.width(text) == columns)
    }

    @Test("Control and direction characters are written out")
    func escapes() {
        #expect(DisplayText.escaped("a\tb\n\u{1B}[31m\u{202E}x") == "a\\tb\\n\\u{1B}[31m\\u{202E}x")
        #expect(DisplayText.escaped("naïve 東京 👩‍👩‍👧") == "naïve 東京 👩‍👩‍👧")
        #expect(DisplayText.cut("東京都", to: 4) == "東…")
        #expect(DisplayText.cut("abcd", to: 4) == "abcd")
        #expect(DisplayText.grouped(1_159_667) == "1,159,667")
        #expect(DisplayText.grouped(-1234) == "-1,234")
        #expect(DisplayText.grouped(999) == "999")
    }

    @Test("Tables are aligned by what is seen")
    func table() {
        var table = Table([.left("NAME"), .right("N")])
        table.add(["東京", "1"])
        table.add(["a\u{7}", "22"])
        #expect(table.lines() == ["NAME     N", "東京     1", "a\\u{7}  22"])
    }

    @Test(
        "Options in front of the verb stand behind it afterwards",
        arguments: [
            (["--json", "--store", "s", "log", "x"], ["log", "--json", "--store", "s", "x"]),
            (["log", "--json"], ["log", "--json"]),
            (["--store=s", "--color", "never"], []),
            (["--json", "--version"], ["--version"]),
            (["--json", "help", "log"], ["help", "log"]),
            ([], []),
        ])
    func commonOptions(given: [String], expected: [String]) {
        #expect(Arguments.commonOptionsLast(given) == expected)
    }

    @Test(
        "Durations as people read them",
        arguments: [
            (0.16, "160 ms"), (1, "1 s"), (59.2, "1 min 0 s"), (60.0, "1 min 0 s"),
            (200, "3 min 20 s"),
            (7500, "2 h 5 min"),
        ])
    func durations(seconds: Double, text: String) {
        #expect(ProgressMeter.time(seconds) == text)
    }

    @Test("CSV quotes what needs it, and columns of one name stay apart")
    func rows() {
        #expect(
            RowWriter.csv(["a", "b,c", "d\"e", "f\ng", ""])
                == Array("a,\"b,c\",\"d\"\"e\",\"f\ng\",".utf8))
        #expect(
            RowWriter.distinct(["a", "b", "a", "a:1", "a"]) == ["a", "b", "a:1", "a:1:1", "a:2"])
    }
}
