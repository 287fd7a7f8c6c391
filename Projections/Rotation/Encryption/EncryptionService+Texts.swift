internal import Annals
internal import Crypto
internal import Foundation

extension EncryptionService {
    /// A text that was sealed, and under which key.
    public struct Sealed: Sendable, Equatable {
        /// The envelope as one text.
        public let encrypted: String
        /// The key's id.
        public let keyID: String
    }

    /// What opening an envelope gave.
    public struct Decryption: Sendable, Equatable {
        /// The text; `nil` when it did not open.
        public let decrypted: String?
        /// Why it did not; never holds anything of what is sealed.
        public let error: String?

        /// Whether it opened.
        public var success: Bool { decrypted != nil }
    }

    /// User name and password, sealed.
    public struct SealedCredentials: Sendable, Equatable {
        /// The envelope of the user name; `nil` when there is none.
        public let encryptedUsername: String?
        /// The envelope of the password.
        public let encryptedPassword: String
        /// The key's id.
        public let keyID: String
    }

    /// What opening user name and password gave.
    public struct OpenedCredentials: Sendable, Equatable {
        /// The user name; `nil` without one, and when it did not open.
        public let username: String?
        /// The password; `nil` without one, and when it did not open.
        public let password: String?
        /// Whether all that was given opened.
        public let success: Bool
        /// Why one did not.
        public let error: String?
    }

    /// Seals a text; the empty one, too.
    /// - Throws: `encryption` without a key.
    public func encrypt(_ text: String) throws(RotationError) -> Sealed {
        let (key, keyID) = try current()
        return Sealed(encrypted: try Envelope.seal(text, under: key).text, keyID: keyID)
    }

    /// Opens an envelope; never throws.
    public func decrypt(_ envelope: String) -> Decryption {
        guard let envelope = Envelope(text: envelope) else {
            return Decryption(decrypted: nil, error: "An envelope has exactly three parts.")
        }
        do throws(RotationError) {
            return Decryption(decrypted: try open(envelope), error: nil)
        } catch {
            return Decryption(decrypted: nil, error: error.message)
        }
    }

    /// Seals a value as JSON with sorted names.
    /// - Throws: `encryption` without a key, `invalid` for what JSON cannot say.
    public func encrypt(object: some Encodable) throws(RotationError) -> Sealed {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text: String
        do {
            text = String(decoding: try encoder.encode(object), as: UTF8.self)
        } catch {
            // The error would show the value.
            throw RotationError(.invalid(field: "object"), "The value cannot be written as JSON.")
        }
        return try encrypt(text)
    }

    /// Opens what `encrypt(object:)` sealed; `nil` when it does not open or is another type's.
    public func decrypt<Value: Decodable>(_ type: Value.Type, from envelope: String) -> Value? {
        guard let text = decrypt(envelope).decrypted else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            return nil
        }
    }

    /// Seals a user name, if there is one, and a password.
    /// - Throws: `encryption` without a key.
    public func encryptCredentials(
        username: String?, password: String
    ) throws(RotationError) -> SealedCredentials {
        let (key, keyID) = try current()
        return SealedCredentials(
            encryptedUsername: try username.map { text throws(RotationError) in
                try Envelope.seal(text, under: key).text
            }, encryptedPassword: try Envelope.seal(password, under: key).text, keyID: keyID)
    }

    /// Opens both; what opens is told, also when the other does not.
    public func decryptCredentials(
        encryptedUsername: String?, encryptedPassword: String?
    ) -> OpenedCredentials {
        let username = encryptedUsername.map(decrypt)
        let password = encryptedPassword.map(decrypt)
        let errors = [username, password].compactMap { $0?.error }
        return OpenedCredentials(
            username: username?.decrypted, password: password?.decrypted,
            success: errors.isEmpty, error: errors.first)
    }

    /// Seals under a new key what was sealed under an old one; this service's own key is not touched.
    /// - Returns: the new envelope and the new key's id; `nil` when the old key does not open it, or one
    ///   of the keys has not 32 bytes.
    public func reEncrypt(_ envelope: String, from old: [UInt8], to new: [UInt8]) -> Sealed? {
        do throws(RotationError) {
            guard let envelope = Envelope(text: envelope) else { return nil }
            let (old, new) = (try Self.secret(old), try Self.secret(new))
            let text = try envelope.open(under: old.symmetricKey)
            return Sealed(
                encrypted: try Envelope.seal(text, under: new.symmetricKey).text,
                keyID: Self.keyID(new))
        } catch {
            return nil
        }
    }
}
