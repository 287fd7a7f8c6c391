import EventModel

/// The events that are measured: 250 bytes of data, shaped like the rotation of proxies.
enum BenchEvents {
    /// Bytes of an event's data.
    static let dataBytes = 250

    /// Event `number` of 20 types, 5,000 streams and 2 tags each.
    static func mixed(_ number: Int) -> Event {
        Event(
            type: "proxy.kind_\(number % 20)", stream: "proxy/p-\((number &* 7919) % 5_000)",
            data: data(number), tags: ["pool:\(number % 50)", "region:\(number % 7)"])
    }

    /// Event `number` as one row of the table that the rebuild fills.
    static func added(_ number: Int) -> Event {
        Event(type: "proxy.added", stream: "proxy/p-\(number)", data: data(number))
    }

    private static func data(_ number: Int) -> String {
        let start = """
            {"proxy_id":"p-\(number)","host":"10.\(number / 62_500 % 250).\(number / 250 % 250).\
            \(number % 250)","port":\(1024 + number % 60_000),"weight":\(Double(number % 100) + 0.5),\
            "enabled":\(number % 3 != 0),"latency":\(number % 900),"note":"
            """
        return start + String(repeating: "x", count: dataBytes - start.utf8.count - 2) + "\"}"
    }
}
