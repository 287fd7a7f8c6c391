internal import Dispatch
package import EventModel
internal import LMDB

extension EventLog {
    /// A value that a user of the log keeps in it, such as the pointer to a generation; `nil` if none.
    ///
    /// These values are not events: they say where derived things are, and can be made anew.
    package func state(_ key: String) throws(AnnalsError) -> [UInt8]? {
        try logCall("reading the state '\(key)'") {
            try environment.read { transaction in
                try transaction.copy(ofKey: key, in: tables.state)
            }
        }
    }

    /// Changes values under the log's write lock, durably: `body` gets the present value and returns
    /// the new one, `nil` to remove it.
    package func updateState(
        _ key: String, _ body: @Sendable ([UInt8]?) throws -> [UInt8]?
    ) throws(AnnalsError) {
        try checkWritable()
        try poisoning("writing the state '\(key)'") {
            try writer.sync {
                try environment.write { transaction in
                    let name = key.utf8Bytes
                    let present = try transaction.reading { reading in
                        try reading.copy(ofKey: key, in: tables.state)
                    }
                    if let value = try body(present) {
                        try transaction.put(value.span, forKey: name.span, in: tables.state)
                    } else if present != nil {
                        _ = try transaction.remove(key: name.span, in: tables.state)
                    }
                }
            }
        }
    }
}

extension ReadTransaction {
    /// A copy of the value of a key; `nil` if there is none.
    borrowing func copy(ofKey key: String, in table: Table) throws(LMDBError) -> [UInt8]? {
        guard let value = try value(forKey: key.utf8Bytes.span, in: table) else { return nil }
        return [UInt8](copying: value)
    }
}
