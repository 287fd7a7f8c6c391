/// Where each field of a record lies; docs/format.md tells the same to readers in other languages.
///
/// All numbers are big-endian. A record is a header and, behind it, the data.
enum RecordFormat {
    /// The version of this layout.
    static let version: UInt8 = 1

    // Offsets of the fixed fields.
    static let check = 0  // u64: XXH64 (seed 0) of the header's bytes from `format` to its end
    static let format = 8  // u8: the layout's version
    static let flags = 9  // u8: the bits below, others 0
    static let schemaVersion = 10  // u16
    static let headerLength = 12  // u32: bytes of the header, names, tags and metadata included
    static let revision = 16  // u64
    static let recorded = 24  // i64: milliseconds since 1970, UTC
    static let occurred = 32  // i64: milliseconds since 1970, UTC
    static let dataDigest = 40  // 32 bytes: SHA-256 of the data
    static let typeLength = 72  // u8
    static let streamLength = 73  // u8
    static let idLength = 74  // u8: 0 for no id
    static let tagCount = 75  // u8
    static let tagsLength = 76  // u16: bytes of all tags with their length bytes
    static let reserved = 78  // u16: 0
    static let metadataLength = 80  // u32
    static let dataLength = 84  // u32: bytes of the data
    /// The variable part: type, stream, id, tags (a length byte and the bytes, each), metadata.
    static let variablePart = 88

    /// The caller gave `occurred`; without the bit it is the time of recording.
    static let occurredIsGiven: UInt8 = 1
    /// The flags of this version; another one set is of a newer version.
    static let flagsKnown: UInt8 = occurredIsGiven
}
