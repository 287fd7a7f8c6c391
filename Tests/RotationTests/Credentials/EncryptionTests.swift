import Annals
import Foundation
import RotationProjection
import Testing

/// Vectors that another implementation made: the `crypto` module of Node.js 18, which is OpenSSL.
enum SealedElsewhere {
    static let password = "correct horse battery staple"
    static let salt = String(repeating: "a1", count: 32)
    static let key = "8176cc20a5221a9ca89e09ded1d4ca4cfc43f3e7751b286413efd3a803724c26"
    static let keyID = "ee3ae5ce646362c6"
    static let text = "s3cr3t-Pässwörd"
    static let sixteen =
        "BwcHBwcHBwcHBwcHBwcHBw==:anB1ra1bVaZrKoKIKJgaT6E=:r7RCBfvvZKUTOeoWPNB7ZA=="
    static let twelve = "BwcHBwcHBwcHBwcH:aFX/I/Fczd7995BKt3nJ0zk=:YzXLRo73mJghOx5tgXpHvA=="
    static let empty = "BwcHBwcHBwcHBwcHBwcHBw==::kwXbxxcHHZY3wyykc3cO8g=="
    static let base64Record = """
        {"encryptedData":"rC/stfcUknF4KbWAipwsflPTUiN4Eca14sicHc9FEX28jHVgtkk=",\
        "iv":"AwMDAwMDAwMDAwMDAwMDAw==","authTag":"3AkvGgmMNa14umMWeCDEJA==",\
        "salt":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=","version":2,"method":"aes-256-gcm"}
        """
    static let hexRecord = """
        {"encryptedData":"ac2fecb5f71492717829b5808a9c2c7e53d352237811c6b5e2c89c1dcf45117dbc8c7560b649",\
        "iv":"03030303030303030303030303030303","authTag":"dc092f1a098c35ad78ba63167820c424",\
        "salt":"0909090909090909090909090909090909090909090909090909090909090909","version":1}
        """
}

@Suite("Sealing and opening")
struct EncryptionTests {
    static func service() throws -> EncryptionService {
        let service = EncryptionService()
        try service.initialize(key: EncryptionService.generateKey())
        return service
    }

    @Test("O2.69 C7 a password and a salt make the key that others make of them")
    func derivation() throws {
        let service = EncryptionService()
        let salt = try service.initialize(
            masterPassword: SealedElsewhere.password, salt: SealedElsewhere.salt)
        #expect(salt == SealedElsewhere.salt)
        #expect(service.keyID == SealedElsewhere.keyID)
        #expect(service.verify(keyID: SealedElsewhere.keyID))
        #expect(!service.verify(keyID: "0000000000000000"))
        let key = try EncryptionService.deriveKey(
            password: SealedElsewhere.password, salt: Array(SealedElsewhere.salt.utf8))
        #expect(key.map { String(format: "%02x", $0) }.joined() == SealedElsewhere.key)
    }

    @Test("O2.69 X2.14 without a salt a new one is made and given back")
    func newSalt() throws {
        let (one, two) = (EncryptionService(), EncryptionService())
        let salt = try one.initialize(masterPassword: "pw")
        #expect(salt.utf8.count == 64)
        #expect(salt.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
        #expect(try two.initialize(masterPassword: "pw") != salt)
        #expect(one.keyID != two.keyID)
        let sealed = try one.encrypt("x").encrypted
        #expect(two.decrypt(sealed).decrypted == nil)
        try two.initialize(masterPassword: "pw", salt: salt)
        #expect(two.decrypt(sealed).decrypted == "x")
    }

    @Test("O2.69 a key has 32 bytes", arguments: [0, 16, 31, 33])
    func keyLength(_ count: Int) {
        let service = EncryptionService()
        let error = #expect(throws: RotationError.self) {
            try service.initialize(key: Array(repeating: 1, count: count))
        }
        #expect(error?.message.hasPrefix("Key must be 32 bytes") == true)
        #expect(error?.reason == .encryption)
        #expect(!service.isInitialized)
    }

    @Test("O2.70 X2.18 an envelope has a vector and a tag of 16 bytes, and is never twice the same")
    func envelope() throws {
        let service = try Self.service()
        let sealed = try service.encrypt("secret")
        #expect(sealed.keyID == service.keyID)
        let parts = sealed.encrypted.split(separator: ":", omittingEmptySubsequences: false)
            .map { Data(base64Encoded: String($0))?.count }
        #expect(parts == [16, 6, 16])
        #expect(try service.encrypt("secret").encrypted != sealed.encrypted)
        #expect(service.decrypt(sealed.encrypted).decrypted == "secret")
        let empty = try service.encrypt("").encrypted
        #expect(empty.contains("::"))
        #expect(service.decrypt(empty).decrypted == "")
    }

    @Test("O2.71 X2.18 what others sealed is opened: vectors of 16 and of 12 bytes, an empty text")
    func vectors() throws {
        let service = EncryptionService()
        try service.initialize(
            masterPassword: SealedElsewhere.password, salt: SealedElsewhere.salt)
        #expect(service.decrypt(SealedElsewhere.sixteen).decrypted == SealedElsewhere.text)
        #expect(service.decrypt(SealedElsewhere.twelve).decrypted == SealedElsewhere.text)
        #expect(service.decrypt(SealedElsewhere.empty).decrypted == "")
    }

    @Test(
        "O2.71 what is no envelope is told, and nothing traps",
        arguments: [
            "", ":", "a:b", "::", "a:b:c", "a:b:c:d", "AAAA:AAAA:AAAA", "\u{0}:\u{0}:\u{0}",
            "BwcHBwcHBwcHBwcHBwc=::kwXbxxcHHZY3wyykc3cO8g==",
            "BwcHBwcHBwcHBwcHBwcHBw==::kwXbxxcHHZY3wyykc3cO",
        ])
    func malformed(_ text: String) throws {
        let answer = try Self.service().decrypt(text)
        #expect(!answer.success && answer.decrypted == nil && answer.error?.isEmpty == false)
    }

    @Test("O2.71 O3.20 one changed bit anywhere in an envelope is found")
    func tampered() throws {
        let service = try Self.service()
        let envelope = try service.seal("a secret")
        for part in 0..<3 {
            for bit in 0..<(part == 1 ? 64 : 128) {
                var bytes = try [envelope.iv, envelope.ciphertext, envelope.authTag].map {
                    try #require(Data(base64Encoded: $0))
                }
                bytes[part][bit / 8] ^= 1 << (bit % 8)
                let texts = bytes.map { $0.base64EncodedString() }
                let changed = Envelope(ciphertext: texts[1], iv: texts[0], authTag: texts[2])
                #expect(throws: RotationError.self) { try service.open(changed) }
            }
        }
    }

    @Test("O2.72 objects, and user name with password")
    func objects() throws {
        struct Token: Codable, Equatable { var id: Int; var scopes: [String] }
        let service = try Self.service()
        let token = Token(id: 7, scopes: ["a", "b"])
        let sealed = try service.encrypt(object: token).encrypted
        #expect(service.decrypt(Token.self, from: sealed) == token)
        #expect(service.decrypt([Int].self, from: sealed) == nil)
        #expect(service.decrypt(Token.self, from: "no") == nil)

        let both = try service.encryptCredentials(username: "ann", password: "pw")
        let opened = service.decryptCredentials(
            encryptedUsername: both.encryptedUsername, encryptedPassword: both.encryptedPassword)
        #expect(opened.username == "ann" && opened.password == "pw" && opened.success)
        let half = service.decryptCredentials(
            encryptedUsername: both.encryptedUsername, encryptedPassword: "broken")
        #expect(half.username == "ann" && half.password == nil && !half.success)
        #expect(half.error != nil)
        let nameless = try service.encryptCredentials(username: nil, password: "pw")
        #expect(nameless.encryptedUsername == nil)
    }

    @Test("O2.73 sealed anew under another key, and the service keeps its own")
    func reEncrypt() throws {
        let service = try Self.service()
        let (own, old, new) = (
            service.keyID, EncryptionService.generateKey(), EncryptionService.generateKey()
        )
        let other = EncryptionService()
        try other.initialize(key: old)
        let envelope = try other.encrypt("moved").encrypted
        let again = try #require(service.reEncrypt(envelope, from: old, to: new))
        #expect(service.keyID == own)
        try other.initialize(key: new)
        #expect(again.keyID == other.keyID)
        #expect(other.decrypt(again.encrypted).decrypted == "moved")
        #expect(service.reEncrypt(envelope, from: new, to: old) == nil)
        #expect(service.reEncrypt(envelope, from: old, to: [1]) == nil)
        #expect(service.reEncrypt("no", from: old, to: new) == nil)
    }

    @Test("O2.74 X3.1 without a key everything says so; a destroyed key is zeros in memory")
    func destroyed() throws {
        let service = EncryptionService()
        for _ in 0..<2 {
            #expect(!service.isInitialized && service.keyID == nil)
            let error = #expect(throws: RotationError.self) { try service.encrypt("x") }
            #expect(error?.message.hasPrefix("Encryption service not initialized") == true)
            #expect(service.decrypt(SealedElsewhere.sixteen).error == error?.message)
            let secret = SecretBytes.random(32)
            service.take(secret)
            #expect(service.isInitialized && !secret.isZero(0..<32))
            service.destroy()
            #expect(secret.isZero(0..<32))
        }
        // A key that is replaced, or whose service ends, is overwritten, too.
        let (first, second) = (SecretBytes.random(32), SecretBytes.random(32))
        do {
            let service = EncryptionService()
            service.take(first)
            service.take(second)
            #expect(first.isZero(0..<32) && !second.isZero(0..<32))
        }
        #expect(second.isZero(0..<32))
    }

    @Test("O2.74 O3.21 O3.22 keys of 32 random bytes, and keys of a password and bytes of salt")
    func keys() throws {
        #expect(EncryptionService.generateKey().count == 32)
        #expect(EncryptionService.generateKey() != EncryptionService.generateKey())
        let one = try EncryptionService.deriveKey(password: "pw", salt: [0, 255, 3])
        #expect(one.count == 32)
        #expect(try EncryptionService.deriveKey(password: "pw", salt: [0, 255, 3]) == one)
        #expect(try EncryptionService.deriveKey(password: "pw", salt: [0, 255, 4]) != one)
        #expect(throws: RotationError.self) {
            try EncryptionService.deriveKey(password: "", salt: [1])
        }
    }

    @Test(
        "C7 parameters that nobody could compute with are refused",
        arguments: [
            KeyDerivation.scrypt(cost: 0, blockSize: 8, parallelism: 1),
            .scrypt(cost: 1_000, blockSize: 8, parallelism: 1),
            .scrypt(cost: 1 << 40, blockSize: 8, parallelism: 1),
            .scrypt(cost: 1 << 24, blockSize: 8, parallelism: 1),
            .scrypt(cost: 16, blockSize: -1, parallelism: 1), .pbkdf2(iterations: 0),
            .pbkdf2(iterations: -5),
        ])
    func badParameters(_ derivation: KeyDerivation) {
        #expect(throws: RotationError.self) {
            try EncryptionService.deriveKey(password: "pw", salt: [1], derivation: derivation)
        }
    }

    @Test("O3.19 O3.20 C7 three parts and one text are the same envelope")
    func forms() throws {
        let service = try Self.service()
        let parts = try service.seal("both ways")
        #expect(Envelope(text: parts.text) == parts)
        #expect(service.decrypt(parts.text).decrypted == "both ways")
        let text = try service.encrypt("and back").encrypted
        #expect(try service.open(try #require(Envelope(text: text))) == "and back")
        #expect(Envelope(text: text)?.text == text)
    }

    @Test(
        "O2.75 C7 records of the proxy engine are read, in base64 and in hex",
        arguments: [SealedElsewhere.base64Record, SealedElsewhere.hexRecord])
    func engineRecord(_ text: String) throws {
        let record = try JSONDecoder().decode(EngineRecord.self, from: Data(text.utf8))
        let opened = try record.open(password: SealedElsewhere.password)
        #expect(opened == .init(username: "ann", password: "pä:ss"))
        #expect(throws: RotationError.self) { try record.open(password: "another") }
        #expect(throws: RotationError.self) {
            try record.open(password: SealedElsewhere.password, derivation: .standard)
        }
    }
}
