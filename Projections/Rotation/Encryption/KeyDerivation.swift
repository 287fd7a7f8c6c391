internal import Annals
internal import CryptoExtras
internal import Foundation

/// How a key is made of a password.
public enum KeyDerivation: Sendable, Equatable {
    /// scrypt with cost, block size and parallelism.
    case scrypt(cost: Int, blockSize: Int, parallelism: Int)
    /// PBKDF2 with HMAC-SHA-256; only for reading what other programs sealed.
    case pbkdf2(iterations: Int)

    /// What new keys are derived with: N = 16,384, r = 8, p = 1.
    public static let standard = KeyDerivation.scrypt(cost: 16_384, blockSize: 8, parallelism: 1)
    /// What the proxy engine of the original derived its keys with.
    public static let proxyEngine = KeyDerivation.pbkdf2(iterations: 100_000)

    /// Bytes of a key.
    static let keyBytes = 32
    /// Bytes of memory that a derivation may want, at most.
    static let memoryBytesMax = 1 << 30
    /// Rounds of PBKDF2, at most: about ten seconds.
    static let iterationsMax = 20_000_000

    /// Its name in `encryption_key.registered`.
    var name: String {
        switch self {
        case .scrypt: "scrypt"
        case .pbkdf2: "pbkdf2-sha256"
        }
    }

    /// Its parameters in `encryption_key.registered`.
    var parameters: [String: JSONValue] {
        switch self {
        case .scrypt(let cost, let blockSize, let parallelism):
            [
                "N": .integer(Int64(cost)), "r": .integer(Int64(blockSize)),
                "p": .integer(Int64(parallelism)),
            ]
        case .pbkdf2(let iterations): ["iterations": .integer(Int64(iterations))]
        }
    }

    /// Reads what `encryption_key.registered` says; `nil` for a key that no password makes.
    init?(name: String, parameters: JSONValue) {
        func number(_ field: String) -> Int? {
            parameters.object?[field]?.integer.flatMap(Int.init(exactly:))
        }
        switch name {
        case "scrypt":
            guard let cost = number("N"), let blockSize = number("r"), let parallelism = number("p")
            else { return nil }
            self = .scrypt(cost: cost, blockSize: blockSize, parallelism: parallelism)
        case "pbkdf2-sha256":
            guard let iterations = number("iterations") else { return nil }
            self = .pbkdf2(iterations: iterations)
        default: return nil
        }
    }

    /// Derives a key of 32 bytes.
    /// - Throws: `encryption` for parameters that are not allowed, or want more than 1 GiB of memory.
    func key(password: String, salt: [UInt8]) throws(RotationError) -> SecretBytes {
        guard isAllowed else { throw refused }
        do {
            switch self {
            case .scrypt(let cost, let blockSize, let parallelism):
                return SecretBytes(
                    try KDF.Scrypt.deriveKey(
                        from: Data(password.utf8), salt: Data(salt), outputByteCount: Self.keyBytes,
                        rounds: cost, blockSize: blockSize, parallelism: parallelism))
            case .pbkdf2(let iterations):
                return SecretBytes(
                    try KDF.Insecure.PBKDF2.deriveKey(
                        from: Data(password.utf8), salt: Data(salt), using: .sha256,
                        outputByteCount: Self.keyBytes, unsafeUncheckedRounds: iterations))
            }
        } catch {
            throw refused
        }
    }

    private var isAllowed: Bool {
        switch self {
        case .scrypt(let cost, let blockSize, let parallelism):
            guard cost > 1, cost & (cost - 1) == 0, (1...1_024).contains(blockSize),
                (1...1_024).contains(parallelism), cost <= 1 << 30
            else { return false }
            return 128 * blockSize * (cost + parallelism) <= Self.memoryBytesMax
        case .pbkdf2(let iterations): return (1...Self.iterationsMax).contains(iterations)
        }
    }

    private var refused: RotationError {
        RotationError(.encryption, "No key can be derived with these parameters of \(name).")
    }
}
