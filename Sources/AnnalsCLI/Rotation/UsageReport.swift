internal import RotationProjection

/// Sums over hours as a table's cells and as a document.
enum UsageReport {
    static let columns: [Table.Column] = [
        .right("REQUESTS"), .right("ANSWERED"), .right("FAILED"), .right("RATE"), .right("AVG"),
        .right("SENT"), .right("RECEIVED"), .right("ROTATIONS"),
    ]

    static func cells(_ usage: AggregatedUsage) -> [String] {
        [
            DisplayText.grouped(usage.totalRequests), DisplayText.grouped(usage.successfulRequests),
            DisplayText.grouped(usage.failedRequests),
            DisplayText.decimal(usage.successRate) + " %",
            usage.minLatencyMs == nil ? "" : DisplayText.decimal(usage.avgLatencyMs) + " ms",
            DisplayText.bytes(usage.totalBytesSent), DisplayText.bytes(usage.totalBytesReceived),
            DisplayText.grouped(usage.totalRotations),
        ]
    }

    static func members(_ usage: AggregatedUsage) -> [JSON.Member] {
        let members: [(String, JSON)] = [
            ("requests", JSON(usage.totalRequests)), ("successful", JSON(usage.successfulRequests)),
            ("failed", JSON(usage.failedRequests)), ("successRate", JSON(usage.successRate)),
            ("avgLatencyMs", JSON(usage.avgLatencyMs)),
            ("minLatencyMs", usage.minLatencyMs.map { JSON($0) } ?? .null),
            ("maxLatencyMs", usage.maxLatencyMs.map { JSON($0) } ?? .null),
            ("bytesSent", JSON(usage.totalBytesSent)),
            ("bytesReceived", JSON(usage.totalBytesReceived)),
            ("rotations", JSON(usage.totalRotations)),
        ]
        return members.map { JSON.Member(name: $0.0, value: $0.1) }
    }
}
