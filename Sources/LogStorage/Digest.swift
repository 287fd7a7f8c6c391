internal import Crypto
internal import EventModel

/// SHA-256 as the record format uses it.
package enum Digest {
    /// Bytes of a digest.
    package static let length = 32

    /// The SHA-256 of lent bytes.
    package static func sha256(_ bytes: Span<UInt8>) -> [UInt8] {
        var hash = SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }

    /// The leaf of the Merkle tree for one record: SHA-256 of a zero byte and the record's header.
    ///
    /// The zero byte keeps leaves apart from inner nodes (RFC 6962, section 2.1).
    package static func leaf(ofHeader header: Span<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: [0])
        unsafe header.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }
}
