import Crypto
import EventModel
import SQLite

/// The SHA-256 over a projection's schema and rows, as docs/digest.md specifies it.
struct ContentDigest {
    /// Bytes gathered before they are hashed.
    private static let chunkBytes = 64 << 10

    private var hash = SHA256()
    private var pending: [UInt8] = []

    /// The digest of everything but the engine's tables, in hex.
    static func hex(of connection: Connection) throws(SQLiteError) -> String {
        // One read transaction: schema and rows of one moment.
        let isOwnTransaction = !connection.inTransaction
        if isOwnTransaction { try connection.execute("BEGIN") }
        let result: Result<String, SQLiteError>
        do throws(SQLiteError) {
            var digest = ContentDigest()
            try digest.add(connection)
            result = .success(digest.finish())
        } catch {
            result = .failure(error)
        }
        if isOwnTransaction { try connection.execute("COMMIT") }
        return try result.get()
    }

    private init() {
        pending.reserveCapacity(Self.chunkBytes + 1024)
        add(string: "annals content digest 1")
    }

    private mutating func add(_ connection: Connection) throws(SQLiteError) {
        let schema = try SchemaNormalForm(connection)
        add(UInt64(schema.lines.count))
        for line in schema.lines { add(string: line) }
        add(UInt64(schema.tables.count))
        for table in schema.tables { try add(table, connection) }
    }

    private mutating func add(
        _ table: SchemaNormalForm.Table, _ connection: Connection
    ) throws(SQLiteError) {
        add(string: table.name.asciiLowercased)
        guard let statement = try connection.prepare(table.rowsSQL()).statement else { return }
        var run = statement.run()
        let count = table.columns.count
        while try run.step() {
            pending.append(Tag.row)
            for index in 0..<count {
                switch run.type(at: index) {
                case .null: pending.append(Tag.null)
                case .integer:
                    pending.append(Tag.integer)
                    add(UInt64(bitPattern: run.int64(at: index)))
                case .real:
                    pending.append(Tag.real)
                    // SQLite takes both zeros for equal; so does the digest.
                    let value = run.double(at: index)
                    add((value == 0 ? 0 : value).bitPattern)
                case .text:
                    pending.append(Tag.text)
                    add(bytes: run.bytes(at: index))
                case .blob:
                    pending.append(Tag.blob)
                    add(bytes: run.bytes(at: index))
                }
            }
            if pending.count >= Self.chunkBytes { flush() }
        }
        pending.append(Tag.tableEnd)
    }

    private mutating func add(_ value: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            pending.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    private mutating func add(string: String) {
        add(UInt64(string.utf8.count))
        pending.append(contentsOf: string.utf8)
    }

    private mutating func add(bytes: Span<UInt8>) {
        add(UInt64(bytes.count))
        pending.append(copying: bytes)
    }

    private mutating func flush() {
        hash.update(data: pending)
        pending.removeAll(keepingCapacity: true)
    }

    private consuming func finish() -> String {
        hash.update(data: pending)
        let digits = Array("0123456789abcdef".utf8)
        let hex = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: hex, as: UTF8.self)
    }

    /// The bytes that say what follows.
    private enum Tag {
        static let null: UInt8 = 0
        static let integer: UInt8 = 1
        static let real: UInt8 = 2
        static let text: UInt8 = 3
        static let blob: UInt8 = 4
        static let row: UInt8 = 0x11
        static let tableEnd: UInt8 = 0x12
    }
}
