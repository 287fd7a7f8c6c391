public import EventModel
internal import GRDB

/// One rotation, as the audit shows it.
public struct RotationRecord: Sendable, Equatable, Identifiable {
    /// Its id.
    public let id: String
    /// Its position in the log: the order of rotations that share a millisecond.
    public let seq: Int64
    /// When.
    public let timestamp: Timestamp
    /// The configuration that chose; `nil` when it is gone.
    public let configID: String?
    /// The proxy before; `nil` when it is gone.
    public let previousProxyID: String?
    /// The proxy now; `nil` when it is gone.
    public let newProxyID: String?
    /// Why.
    public let reason: RotationReason
    /// For which domain.
    public let domain: String?
    /// For which address.
    public let url: String?
    /// For which tab.
    public let tabID: String?
    /// For which session.
    public let sessionID: String?
    /// What else is known.
    public let metadata: JSONValue?

    /// The columns, in the order in which `init(row:)` reads them.
    static let columns = """
        id, seq, timestamp, config_id, previous_proxy_id, new_proxy_id, reason, domain, url, tab_id,
        session_id, metadata
        """

    /// Reads a row of `columns`.
    init(row: Row) throws {
        id = row[0]
        seq = row[1]
        timestamp = Timestamp(milliseconds: row[2])
        configID = row[3]
        previousProxyID = row[4]
        newProxyID = row[5]
        reason = try row.word(6)
        domain = row[7]
        url = row[8]
        tabID = row[9]
        sessionID = row[10]
        metadata = try row.json(11)
    }
}
