internal import Annals
internal import Crypto
internal import Foundation

/// A record of the second store of secrets that the original had, in its proxy engine.
///
/// Its key is derived with PBKDF2 and a salt of the record's own, and what is sealed is the JSON
/// `{"username":…,"password":…}`. It is only read.
public struct EngineRecord: Sendable, Equatable, Codable {
    /// The ciphertext, as base64 or hex.
    public let encryptedData: String
    /// The initialisation vector of 12 or 16 bytes, as base64 or hex.
    public let iv: String
    /// The tag of 16 bytes, as base64 or hex.
    public let authTag: String
    /// The salt of 32 bytes, as base64 or hex.
    public let salt: String
    /// 2; 1 is read, too.
    public let version: Int
    /// The method's name, which is not looked at.
    public let method: String?

    /// What a record seals.
    public struct Credentials: Sendable, Equatable, Codable {
        /// The user name.
        public let username: String?
        /// The password.
        public let password: String?

        /// Makes one from its parts.
        public init(username: String?, password: String?) {
            self.username = username
            self.password = password
        }
    }

    private static let saltBytes = 32

    /// Opens the record.
    /// - Throws: `encryption` for another version, parts that are none, or another password.
    public func open(
        password: String, derivation: KeyDerivation = .proxyEngine
    ) throws(RotationError) -> Credentials {
        guard version == 1 || version == 2 else {
            throw RotationError(.encryption, "A record of version \(version) is not known here.")
        }
        guard let salt = Self.bytes(salt), salt.count == Self.saltBytes,
            let tag = Self.bytes(authTag), let vector = Self.bytes(iv),
            let data = Self.bytes(encryptedData)
        else { throw RotationError(.encryption, "The record is not whole.") }
        let key = try EncryptionService.derived(password, salt: Array(salt), by: derivation)
        let text = try Envelope(
            ciphertext: data.base64EncodedString(), iv: vector.base64EncodedString(),
            authTag: tag.base64EncodedString()
        ).open(under: key.symmetricKey)
        do {
            return try JSONDecoder().decode(Credentials.self, from: Data(text.utf8))
        } catch {
            throw RotationError(.encryption, "What the record holds is no user name and password.")
        }
    }

    /// Bytes from hex, where a text is that, else from base64.
    private static func bytes(_ text: String) -> Data? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0, !digits.isEmpty else { return Data(base64Encoded: text) }
        var bytes = Data()
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
            guard pair.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                let byte = UInt8(pair, radix: 16)
            else { return Data(base64Encoded: text) }
            bytes.append(byte)
        }
        return bytes
    }
}
