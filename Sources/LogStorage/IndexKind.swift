/// The indexes of the log: each maps a name in the records to the positions that bear it.
package enum IndexKind: UInt8, Sendable, CaseIterable {
    case stream, type, tag, id

    /// The LMDB table's name.
    var tableName: String {
        switch self {
        case .stream: "index.stream"
        case .type: "index.type"
        case .tag: "index.tag"
        case .id: "index.id"
        }
    }
}
