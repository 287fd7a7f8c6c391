internal import Annals
internal import Crypto
internal import Foundation

/// A sealed text: initialisation vector, ciphertext and tag of AES-256-GCM.
///
/// It has two forms without loss between them: three base64 fields, and one text that joins them.
public struct Envelope: Sendable, Equatable, Codable {
    /// The ciphertext, as base64; empty for an empty text.
    public let ciphertext: String
    /// The initialisation vector, as base64: 16 bytes where it was written here, 12 are read, too.
    public let iv: String
    /// The tag of 16 bytes, as base64.
    public let authTag: String

    /// Makes an envelope from its three parts.
    public init(ciphertext: String, iv: String, authTag: String) {
        self.ciphertext = ciphertext
        self.iv = iv
        self.authTag = authTag
    }

    /// Reads `base64(iv):base64(ciphertext):base64(tag)`; `nil` for another number of parts.
    public init?(text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return nil }
        self.init(ciphertext: parts[1], iv: parts[0], authTag: parts[2])
    }

    /// The parts as one text: `base64(iv):base64(ciphertext):base64(tag)`.
    public var text: String { "\(iv):\(ciphertext):\(authTag)" }

    static let ivBytes = 16
    static let tagBytes = 16

    /// Whether the three parts are base64 of the right lengths; says nothing about the key.
    var isWellFormed: Bool { bytes != nil }

    private var bytes: (iv: Data, body: Data, tag: Data)? {
        guard let iv = Data(base64Encoded: iv), let body = Data(base64Encoded: ciphertext),
            let tag = Data(base64Encoded: authTag), iv.count == 12 || iv.count == Self.ivBytes,
            tag.count == Self.tagBytes
        else { return nil }
        return (iv, body, tag)
    }

    /// Seals a text under a fresh random vector.
    ///
    /// - Parameter bound: What the envelope belongs to; it opens only together with it.
    /// - Throws: `encryption`, which no text of a size that memory holds causes.
    static func seal(
        _ text: String, under key: SymmetricKey, boundTo bound: String = ""
    ) throws(RotationError) -> Envelope {
        let iv = Data(SecretBytes.random(ivBytes).bytes)
        do {
            let box = try AES.GCM.seal(
                Data(text.utf8), using: key, nonce: try AES.GCM.Nonce(data: iv),
                authenticating: Data(bound.utf8))
            return Envelope(
                ciphertext: box.ciphertext.base64EncodedString(), iv: iv.base64EncodedString(),
                authTag: box.tag.base64EncodedString())
        } catch {
            throw RotationError(.encryption, "The text cannot be sealed.")
        }
    }

    /// Opens the envelope.
    /// - Throws: `encryption` for another key, another binding, or parts that were changed.
    func open(
        under key: SymmetricKey, boundTo bound: String = ""
    ) throws(RotationError) -> String {
        guard let bytes else {
            throw RotationError(
                .encryption,
                "The envelope is none: it has a vector of 12 or 16 bytes, a ciphertext and a tag of 16"
                    + " bytes, each as base64.")
        }
        let opened: Data
        do {
            let box = try AES.GCM.SealedBox(
                nonce: try AES.GCM.Nonce(data: bytes.iv), ciphertext: bytes.body, tag: bytes.tag)
            opened = try AES.GCM.open(box, using: key, authenticating: Data(bound.utf8))
        } catch {
            throw RotationError(
                .encryption,
                "The envelope does not open: the key is another one, or it was changed.")
        }
        guard let text = String(validating: opened, as: UTF8.self) else {
            throw RotationError(.encryption, "What the envelope holds is no text.")
        }
        return text
    }
}
