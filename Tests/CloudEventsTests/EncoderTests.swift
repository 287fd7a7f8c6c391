import CloudEvents
import EventModel
import Testing

@Suite("CloudEvents writing")
struct EncoderTests {
    private func text(_ event: RecordedEvent, source: String = "annals") -> String {
        String(decoding: encode(event, source: source), as: UTF8.self)
    }

    @Test("writes the least there is")
    func writesLeast() {
        #expect(
            text(recorded())
                == #"{"specversion":"1.0","id":"proxy/p-1@3","source":"annals","type":"proxy.added","#
                + #""subject":"proxy/p-1","time":"2026-11-21T04:13:44.123Z","#
                + #""datacontenttype":"application/json","revision":3,"#
                + #""recordedtime":"2026-11-21T04:13:45.000Z","data":{"port":8080}}"#)
    }

    @Test("writes everything in its order")
    func writesAll() {
        let event = recorded(
            type: "a\"b", stream: "s/é\t", revision: 12, id: "my-id", tags: ["x", "\"y\"", "😀"],
            schemaVersion: 2, metadata: #"{ "actor":"a\n" }"#, data: #"{"a" : [ 1.50, "\u0041" ]}"#)
        #expect(
            text(event, source: "urn:shop")
                == #"{"specversion":"1.0","id":"my-id","source":"urn:shop","type":"a\"b","#
                + #""subject":"s/é\t","time":"2026-11-21T04:13:44.123Z","#
                + #""datacontenttype":"application/json","tags":"[\"x\",\"\\\"y\\\"\",\"😀\"]","#
                + #""metadata":"{ \"actor\":\"a\\n\" }","revision":12,"#
                + #""recordedtime":"2026-11-21T04:13:45.000Z","schemaversion":2,"#
                + #""data":{"a" : [ 1.50, "\u0041" ]}}"#)
    }

    @Test("writes a revision beyond 31 bits as a string")
    func writesLargeRevision() {
        #expect(text(recorded(revision: 2_147_483_647)).contains(#""revision":2147483647,"#))
        #expect(text(recorded(revision: 2_147_483_648)).contains(#""revision":"2147483648","#))
    }

    @Test("writes times outside the years 0000 to 9999 in milliseconds")
    func writesFarTimes() {
        let line = text(recorded(occurred: .min, recorded: 253_402_300_800_000))
        #expect(line.contains(#","occurredms":"-9223372036854775808","#))
        #expect(line.contains(#","recordedms":"253402300800000","#))
        #expect(!line.contains(#""time""#) && !line.contains(#""recordedtime""#))
    }

    @Test(
        "writes data that a line cannot hold unchanged in base 64",
        arguments: ["{\n}", "{\"a\":1,\r\"b\":2}", " {}", "{} ", "\t{}"])
    func writesBase64(_ data: String) throws {
        let line = encode(recorded(data: data))
        #expect(!line.contains(10) && !line.contains(13))
        #expect(String(decoding: line, as: UTF8.self).contains(#","data_base64":""#))
        #expect(try CloudEventDecoder.decode(line.span).event.data == Array(data.utf8))
    }

    @Test("marks a client's id that looks like one made from stream and revision")
    func marksClientID() throws {
        let line = text(recorded(id: "proxy/p-1@3"))
        #expect(line.contains(#","clientid":true,"#))
        #expect(try decode(line).event.id == "proxy/p-1@3")
        #expect(!text(recorded(id: "proxy/p-1@4")).contains("clientid"))
        #expect(try decode(text(recorded(id: "proxy/p-1@4"))).event.id == "proxy/p-1@4")
    }

    @Test("appends behind what is there")
    func appends() {
        var output = Array("kept\n".utf8)
        CloudEventEncoder().append(recorded(occurred: .max), to: &output)
        #expect(output == Array("kept\n".utf8) + encode(recorded(occurred: .max)))
    }
}
