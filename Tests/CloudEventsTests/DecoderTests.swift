import CloudEvents
import EventModel
import Testing

@Suite("CloudEvents reading")
struct DecoderTests {
    /// A line with the required attributes, and others in front of the data.
    private func line(_ more: String, data: String = #""data":{}"#) -> String {
        #"{"specversion":"1.0","id":"i","source":"s","type":"t","subject":"k/1","# + more
            + (more.isEmpty || data.isEmpty ? "" : ",") + data + "}"
    }

    private func error(_ line: String) -> AnnalsError? {
        do throws(AnnalsError) {
            _ = try decode(line)
            return nil
        } catch {
            return error
        }
    }

    @Test("reads the least there is")
    func readsLeast() throws {
        let imported = try decode(line(""))
        #expect(imported.event == Event(type: "t", stream: "k/1", data: "{}", id: "i"))
        #expect(imported.revision == nil && imported.recorded == nil)
        #expect(imported.source == "s" && !imported.idIsSynthesised)
    }

    @Test("reads attributes in any order, with escapes and spaces")
    func readsAnyOrder() throws {
        let imported = try decode(
            #" { "data" : {"a": "\u0041" } , "t\u0079pe":"t\u00e9","id":"i","source":"s\/x","#
                + #""subject":"k\/1","specversion":"1.0","time":"2026-11-21T05:13:44.1239+01:00"} "#
        )
        #expect(imported.event.type == "té" && imported.event.stream == "k/1")
        #expect(imported.event.data == Array(#"{"a": "\u0041" }"#.utf8))
        #expect(imported.event.occurred?.milliseconds == 1_795_234_424_123)
        #expect(imported.source == "s/x")
    }

    @Test("takes null for an absent attribute")
    func takesNull() throws {
        let imported = try decode(line(#""time":null,"tags":null,"unknown":null,"metadata":null"#))
        #expect(imported.event == Event(type: "t", stream: "k/1", data: "{}", id: "i"))
        #expect(error(line(#""x":1"#).replacing(#""i""#, with: "null"))?.code == "IMPORT_ATTRIBUTE")
    }

    @Test(
        "reads tags as array, as a string of one, and as one tag",
        arguments: [
            (#"["a","b\n"]"#, ["a", "b\n"]), (#""[\"a\",\"b\\n\"]""#, ["a", "b\n"]), (#"[]"#, []),
            (#""[]""#, []), (#""one""#, ["one"]), (#""[half""#, ["[half"]), (#""a,b""#, ["a,b"]),
        ])
    func readsTags(_ value: String, _ tags: [String]) throws {
        #expect(try decode(line("\"tags\":\(value)")).event.tags == tags)
    }

    @Test("reads metadata as object and as string, byte for byte")
    func readsMetadata() throws {
        let object = try decode(line(#""metadata":{ "a" : 1.0 }"#)).event.metadata
        #expect(object == Array(#"{ "a" : 1.0 }"#.utf8))
        let string = try decode(line(#""metadata":" { \"a\" : \"\\n\" }\n""#)).event.metadata
        #expect(string == Array(" { \"a\" : \"\\n\" }\n".utf8))
        #expect(try decode(line(#""metadata":"""#)).event.metadata == [])
    }

    @Test("keeps standard attributes of others in the metadata")
    func keepsForeignAttributes() throws {
        func metadata(_ more: String) throws -> String {
            String(decoding: try decode(line(more)).event.metadata, as: UTF8.self)
        }
        #expect(try metadata(#""traceparent":"00-\"x""#) == #"{"traceparent":"00-\"x"}"#)
        #expect(
            try metadata(#""sequence":5,"dataschema":"u","metadata":{"a":1}"#)
                == #"{"a":1,"dataschema":"u","sequence":5}"#)
        #expect(
            try metadata(#""partitionkey":"p","metadata":" { } ""#) == #" { "partitionkey":"p"}"#)
        #expect(
            try metadata(#""datacontenttype":"application/cloud+json; v=1""#)
                == #"{"datacontenttype":"application/cloud+json; v=1"}"#)
        #expect(try metadata(#""datacontenttype":"Application/JSON; charset=utf-8""#) == "")
    }

    @Test(
        "knows an id that was made from stream and revision",
        arguments: [
            ("k/1@5", "", 5, true), ("k/1@5", #""revision":5"#, 5, true),
            ("k/1@5", #""revision":"5""#, 5, true), ("k/1@5", #""revision":6"#, 6, false),
            ("k/1@5", #""clientid":true"#, nil, false), ("k/1@5", #""clientid":false"#, 5, true),
            ("k/1@05", "", nil, false), ("k/1@0", "", nil, false), ("k/1@", "", nil, false),
            ("k/1@+5", "", nil, false), ("k/2@5", "", nil, false), ("k/1@5x", "", nil, false),
            ("k/1@99999999999999999999", "", nil, false), ("K/1@5", #""revision":5"#, 5, false),
        ] as [(String, String, UInt64?, Bool)])
    func knowsMadeID(_ id: String, _ more: String, _ revision: UInt64?, _ isMade: Bool) throws {
        let imported = try decode(line(more).replacing(#""id":"i""#, with: "\"id\":\"\(id)\""))
        #expect(imported.revision?.value == revision)
        #expect(imported.idIsSynthesised == isMade)
        #expect(imported.event.id == (isMade ? nil : id))
    }

    @Test("tells what is wrong with a line, with code and column")
    func tellsWhatIsWrong() {
        let cases: [(String, String, Int, String)] = [
            ("", "IMPORT_JSON", 1, "the text ends"), ("[]", "IMPORT_JSON", 1, "object"),
            ("{\"é\":\"é\" x}", "IMPORT_JSON", 10, "comma"),
            ("{}", "IMPORT_ATTRIBUTE", 1, "specversion"),
            (line(#""id":"j""#), "IMPORT_JSON", 71, "name already"),
            (line("").replacing("1.0", with: "0.3"), "IMPORT_ATTRIBUTE", 16, "1.0"),
            (line("").replacing(#""i""#, with: #""""#), "IMPORT_ATTRIBUTE", 27, "not empty"),
            (line("").replacing(#""i""#, with: "1"), "IMPORT_ATTRIBUTE", 27, "string"),
            (
                line("").replacing(#","subject":"k/1""#, with: ""), "IMPORT_ATTRIBUTE", 1,
                "the stream"
            ),
            (line(#""x":1"#), "IMPORT_ATTRIBUTE", 71, "'x'"),
            (line(#""averyveryverylongname":1"#), "IMPORT_ATTRIBUTE", 71, "averyveryverylongname"),
            (line(#""time":"yesterday""#), "IMPORT_ATTRIBUTE", 78, "time"),
            (line(#""time":5"#), "IMPORT_ATTRIBUTE", 78, "time"),
            (line(#""occurredms":"x""#), "IMPORT_ATTRIBUTE", 84, "whole number"),
            (
                line(#""occurredms":"1","time":"2026-11-21T04:13:44Z""#), "IMPORT_ATTRIBUTE", 84,
                "beside 'time'"
            ),
            (line(#""revision":0"#), "IMPORT_ATTRIBUTE", 82, "at least 1"),
            (line(#""revision":1.5"#), "IMPORT_ATTRIBUTE", 82, "whole number"),
            (line(#""revision":"+1""#), "IMPORT_ATTRIBUTE", 82, "whole number"),
            (line(#""schemaversion":65536"#), "IMPORT_ATTRIBUTE", 87, "1 to 65535"),
            (line(#""clientid":"yes""#), "IMPORT_ATTRIBUTE", 82, "true or false"),
            (line(#""tags":[1]"#), "IMPORT_ATTRIBUTE", 78, "strings only"),
            (line(#""tags":"[1]""#), "IMPORT_ATTRIBUTE", 78, "strings only"),
            (line(#""tags":{}"#), "IMPORT_ATTRIBUTE", 78, "array"),
            (line(#""metadata":[]"#), "IMPORT_ATTRIBUTE", 82, "object"),
            (line(#""metadata":"{\"a\":1,\"a\":2}""#), "IMPORT_ATTRIBUTE", 82, "byte 7"),
            (line(#""metadata":{"sequence":1},"sequence":1"#), "IMPORT_ATTRIBUTE", 82, "as well"),
            (line(#""traceparent":{}"#), "IMPORT_ATTRIBUTE", 85, "a string"),
            (line(#""datacontenttype":"text/xml""#), "IMPORT_ATTRIBUTE", 89, "text/xml"),
            (line("", data: #""data":[1]"#), "DATA_NOT_OBJECT", 78, "object"),
            (line("", data: #""data":"{}""#), "DATA_NOT_OBJECT", 78, "object"),
            (line(#""time":null"#, data: ""), "DATA_NOT_OBJECT", 1, "missing"),
            (line(#""data_base64":"e30=""#), "IMPORT_ATTRIBUTE", 85, "beside"),
            (line("", data: #""data_base64":"e30""#), "IMPORT_ATTRIBUTE", 85, "base 64"),
            (line("", data: #""data_base64":"e31=""#), "IMPORT_ATTRIBUTE", 85, "base 64"),
            (line("", data: #""data_base64":"W10=""#), "DATA_NOT_OBJECT", 85, "byte 0"),
        ]
        for (text, code, column, part) in cases {
            let error = error(text)
            #expect(error?.code == code, "\(text)")
            #expect(error?.context.column == column, "\(text)")
            #expect(
                error?.message.contains(part) == true, "\(text): \(error?.message ?? "no error")")
            #expect(error?.kind == .invalid && error?.hint.isEmpty == false)
        }
    }

    @Test("takes data and metadata as deep as the log does, and not deeper")
    func boundsDepth() throws {
        func nested(_ depth: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: depth - 1)
                + String(repeating: "]", count: depth - 1) + "}"
        }
        let deepest = nested(Limits.jsonDepthMax)
        let event = try decode(line("\"metadata\":\(deepest)", data: "\"data\":\(deepest)")).event
        #expect(event.data == Array(deepest.utf8) && event.metadata == Array(deepest.utf8))
        let tooDeep = nested(Limits.jsonDepthMax + 1)
        #expect(error(line("", data: "\"data\":\(tooDeep)"))?.code == "IMPORT_JSON")
    }
}
