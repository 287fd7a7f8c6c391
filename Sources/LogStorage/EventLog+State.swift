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
                try transaction.copy(ofKey: key.utf8Bytes, in: tables.state)
            }
        }
    }

    /// The names in the state that begin with a prefix, in the order of their bytes.
    package func stateKeys(prefix: String) throws(AnnalsError) -> [String] {
        try logCall("reading the state") {
            try environment.read { transaction in
                let prefix = prefix.utf8Bytes
                var keys: [String] = []
                var cursor = try transaction.cursor(in: tables.state)
                var isFound = try cursor.seek(atLeast: prefix.span)
                while isFound, cursor.key.count >= prefix.count,
                    sameBytes(cursor.key.extracting(first: prefix.count), prefix.span)
                {
                    keys.append(String(utf8: cursor.key))
                    isFound = try cursor.next()
                }
                return keys
            }
        }
    }

    /// Changes values under the log's write lock, durably: `body` gets the present value and returns
    /// the new one, `nil` to remove it.
    package func updateState(
        _ key: String, _ body: @Sendable ([UInt8]?) throws -> [UInt8]?
    ) throws(AnnalsError) {
        try onWriter { () throws(AnnalsError) in
            try writing("writing the state '\(key)'") { transaction in
                let name = key.utf8Bytes
                let present = try transaction.reading { try $0.copy(ofKey: name, in: tables.state) }
                if let value = try body(present) {
                    try transaction.put(value.span, forKey: name.span, in: tables.state)
                } else if present != nil {
                    _ = try transaction.remove(key: name.span, in: tables.state)
                }
            }
        }
    }
}
