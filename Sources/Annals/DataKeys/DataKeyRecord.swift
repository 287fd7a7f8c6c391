internal import EventModel

/// The bytes of `data.keys`: a header and records of 64 bytes each; docs/credentials.md shows them.
enum DataKeyRecord {
    static let bytes = 64
    static let keyBytes = 32
    static let format: UInt8 = 1
    private static let magic = Array("ANNALSDK".utf8)
    private static let id = 0..<DataKeyID.byteCount
    private static let key = 16..<48
    private static let content = 0..<48
    private static let checksum = 48..<64

    /// What a place of the file holds.
    enum State: Equatable {
        /// Zeros: no key, or none any more.
        case free
        /// A key.
        case live(DataKeyID)
        /// Neither.
        case damaged
    }

    /// Where a record begins in the file.
    static func offset(ofSlot slot: Int) -> Int { (slot + 1) * bytes }

    /// A record with a fresh random key.
    static func fresh(slot: Int) -> (id: DataKeyID, record: SecretBytes) {
        let id = SecretBytes.random(DataKeyID.byteCount).bytes
        let record = SecretBytes(count: bytes)
        let fresh = SecretBytes.random(keyBytes)
        record.replace(at: Self.id.lowerBound, with: id)
        for index in 0..<keyBytes { record[key.lowerBound + index] = fresh[index] }
        seal(record)
        return (DataKeyID(slot: slot, bytes: id), record)
    }

    /// What the record that begins at a byte of `file` is.
    static func state(_ file: SecretBytes, at start: Int, slot: Int) -> State {
        if file.isZero(start..<start + bytes) { return .free }
        guard isWhole(file, at: start) else { return .damaged }
        return .live(identity(file, at: start, slot: slot))
    }

    /// The id that stands in a record, whether that is whole or not.
    static func identity(_ file: SecretBytes, at start: Int, slot: Int) -> DataKeyID {
        DataKeyID(slot: slot, bytes: id.map { file[start + $0] })
    }

    /// The key of a whole record.
    static func key(of record: SecretBytes) -> SecretBytes { record.copy(key) }

    /// The file's first 64 bytes: magic, format, length of a record, the store's id.
    static func header(store: String) -> SecretBytes {
        let header = SecretBytes(count: bytes)
        header.replace(at: 0, with: magic)
        header[11] = format
        header[15] = UInt8(bytes)
        header.replace(at: 16, with: Array(store.utf8.prefix(32)))
        seal(header)
        return header
    }

    /// Looks whether a file is a key file of a store.
    /// - Throws: `DATA_KEYS_DAMAGED`, `DATA_KEYS_FOREIGN`, `FORMAT_NEWER`.
    static func check(header: SecretBytes, store: String, path: String) throws(AnnalsError) {
        guard (0..<8).allSatisfy({ header[$0] == magic[$0] }), isWhole(header, at: 0) else {
            throw AnnalsError(
                .corrupt, "DATA_KEYS_DAMAGED", "\(path) does not begin as a file of data keys.",
                hint: "Put the data.keys of a backup in its place; do not remove it: credentials"
                    + " cannot be opened without.", context: .init(file: path))
        }
        guard header[11] <= format else {
            throw AnnalsError(
                .invalid, "FORMAT_NEWER",
                "\(path) has format \(header[11]); this program knows formats up to \(format).",
                hint: "Use the newer program that wrote it.", context: .init(file: path))
        }
        let own = Array(store.utf8.prefix(32))
        guard own.indices.allSatisfy({ header[16 + $0] == own[$0] }) else {
            throw AnnalsError(
                .invalid, "DATA_KEYS_FOREIGN", "\(path) belongs to another store.",
                hint: "Put the store's own file back, or that of its backup.",
                context: .init(file: path))
        }
    }

    private static func seal(_ record: SecretBytes) {
        record.replace(at: checksum.lowerBound, with: record.sha256(of: content).prefix(16))
    }

    private static func isWhole(_ file: SecretBytes, at start: Int) -> Bool {
        let hash = file.sha256(of: start + content.lowerBound..<start + content.upperBound)
        return checksum.allSatisfy { file[start + $0] == hash[$0 - checksum.lowerBound] }
    }
}
