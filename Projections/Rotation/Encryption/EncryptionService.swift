package import Annals
internal import Crypto
internal import Synchronization

/// Seals and opens texts under one master key.
///
/// The key is in memory only, and its bytes are overwritten when it is destroyed or replaced. Until there
/// is one, everything that seals or opens says so.
public final class EncryptionService: Sendable {
    private let key = Mutex<SecretBytes?>(nil)

    /// Has no key yet.
    public init() {}

    deinit { destroy() }

    /// Derives the key from a password.
    ///
    /// - Parameters:
    ///   - salt: Used as its UTF-8 bytes; `nil` for a new one of 32 random bytes as 64 hex digits.
    ///   - derivation: scrypt with the usual parameters, unless an old key is derived again.
    /// - Returns: the salt, without which the key cannot be derived again: register it.
    /// - Throws: `invalid` for an empty password, `encryption` for parameters that are not allowed.
    @discardableResult
    public func initialize(
        masterPassword: String, salt: String? = nil, derivation: KeyDerivation = .standard
    ) throws(RotationError) -> String {
        let salt = salt ?? Self.generateSalt()
        take(try Self.derived(masterPassword, salt: Array(salt.utf8), by: derivation))
        return salt
    }

    /// Takes a key as it is.
    /// - Throws: `encryption` unless it has 32 bytes.
    public func initialize(key bytes: [UInt8]) throws(RotationError) {
        take(try Self.secret(bytes))
    }

    /// Takes a key over; it is overwritten here when it is no longer needed.
    package func take(_ secret: SecretBytes) {
        key.withLock {
            $0?.wipe()
            $0 = secret
        }
    }

    /// Forgets the key; its bytes are overwritten with zeros before this returns.
    public func destroy() {
        key.withLock {
            $0?.wipe()
            $0 = nil
        }
    }

    /// Whether there is a key.
    public var isInitialized: Bool { key.withLock { $0 != nil } }

    /// The first 16 hex digits of the SHA-256 of the key; `nil` without a key.
    public var keyID: String? { key.withLock { $0.map(Self.keyID) } }

    /// Whether this is the key with an id.
    public func verify(keyID: String) -> Bool { self.keyID == keyID }

    /// Seals a text into the three parts of an envelope.
    /// - Throws: `encryption` without a key.
    public func seal(_ text: String) throws(RotationError) -> Envelope {
        try Envelope.seal(text, under: try current().key)
    }

    /// Opens the three parts of an envelope.
    /// - Throws: `encryption` without the right key, or when a part was changed.
    public func open(_ envelope: Envelope) throws(RotationError) -> String {
        try envelope.open(under: try current().key)
    }

    /// 32 random bytes.
    public static func generateKey() -> [UInt8] {
        SecretBytes.random(KeyDerivation.keyBytes).bytes
    }

    /// 32 random bytes as 64 hex digits.
    public static func generateSalt() -> String { hexadecimal(generateKey()) }

    /// Makes a key of a password and the bytes of a salt, without taking it.
    ///
    /// - Returns: 32 bytes; overwrite them when they are no longer needed.
    /// - Throws: `invalid` for an empty password, `encryption` for parameters that are not allowed.
    public static func deriveKey(
        password: String, salt: [UInt8], derivation: KeyDerivation = .standard
    ) throws(RotationError) -> [UInt8] {
        try derived(password, salt: salt, by: derivation).bytes
    }

    static func derived(
        _ password: String, salt: [UInt8], by derivation: KeyDerivation
    ) throws(RotationError) -> SecretBytes {
        guard !password.isEmpty else {
            throw RotationError(.invalid(field: "masterPassword"), "The password is empty.")
        }
        return try derivation.key(password: password, salt: salt)
    }

    static func secret(_ bytes: [UInt8]) throws(RotationError) -> SecretBytes {
        guard bytes.count == KeyDerivation.keyBytes else {
            throw RotationError(.encryption, "Key must be 32 bytes, not \(bytes.count).")
        }
        return SecretBytes(bytes)
    }

    static func keyID(_ key: SecretBytes) -> String {
        hexadecimal(key.sha256(of: 0..<key.count).prefix(8))
    }

    /// The key at this moment, and its id.
    func current() throws(RotationError) -> (key: SymmetricKey, id: String) {
        guard let key = key.withLock({ $0.map { ($0.symmetricKey, Self.keyID($0)) } }) else {
            throw RotationError(
                .encryption, "Encryption service not initialized: give it a key first.")
        }
        return key
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
