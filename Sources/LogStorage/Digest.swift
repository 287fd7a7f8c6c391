internal import Crypto
internal import EventModel
internal import LMDB

/// SHA-256 as the record format uses it.
package enum Digest {
    /// Bytes of a digest.
    package static let length = 32

    /// The SHA-256 of lent bytes.
    package static func sha256(_ bytes: Span<UInt8>) -> [UInt8] { Array(hash(bytes)) }

    /// The leaf of the Merkle tree for one record: SHA-256 of a zero byte and the record's header.
    ///
    /// The zero byte keeps leaves apart from inner nodes (RFC 6962, section 2.1).
    package static func leaf(ofHeader header: Span<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: [0])
        unsafe header.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }

    /// Writes the SHA-256 of lent bytes into others, from `start` on.
    static func sha256(
        _ bytes: Span<UInt8>, into target: inout MutableSpan<UInt8>, at start: Int
    ) {
        // As a sequence of bytes a digest is an array first.
        unsafe hash(bytes).withUnsafeBytes { digest in
            target.put(unsafe Span(_unsafeBytes: digest), at: start)
        }
    }

    /// Whether the SHA-256 of lent bytes is the one that stands in others, from `start` on.
    static func isSHA256(
        of bytes: Span<UInt8>, in record: Span<UInt8>, at start: Int
    ) -> Bool {
        unsafe hash(bytes).withUnsafeBytes { digest in
            sameBytes(
                unsafe Span(_unsafeBytes: digest), record.extracting(start..<(start + length)))
        }
    }

    private static func hash(_ bytes: Span<UInt8>) -> SHA256Digest {
        var hash = SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return hash.finalize()
    }
}
