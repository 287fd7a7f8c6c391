internal import EventModel
internal import LMDB

/// The names that the log itself uses in the table `state`.
enum StateKey {
    /// The version of the log's format, ASCII digits.
    static let format = Array("format".utf8)
    /// The log's identity: 32 hexadecimal digits, made at random when the log is created.
    static let logID = Array("log".utf8)
    /// The log's epoch, ASCII digits: 1, and one more after every restore.
    static let epoch = Array("epoch".utf8)
    /// 16 hexadecimal digits, made at random by each restore; absent in epoch 1.
    static let branch = Array("branch".utf8)
    /// Eight bytes: the position through which the index tables are complete.
    static let indexedThrough = Array("indexed".utf8)
}

extension ReadTransaction {
    /// The value of a key, lent from the page; `nil` if there is none.
    @_lifetime(borrow self)
    borrowing func value(
        forKey key: [UInt8], in table: Table
    ) throws(LMDBError) -> Span<UInt8>? {
        try value(forKey: key.span, in: table)
    }

    /// A copy of the value of a key; `nil` if there is none.
    borrowing func copy(ofKey key: [UInt8], in table: Table) throws(LMDBError) -> [UInt8]? {
        guard let value = try value(forKey: key.span, in: table) else { return nil }
        return [UInt8](copying: value)
    }
}
