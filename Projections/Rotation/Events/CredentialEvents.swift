public import EventModel

/// E2.9: a credential was stored, sealed.
public struct CredentialStored: RotationEvent {
    /// `credential.stored`.
    public static let type = "credential.stored"
    /// The credential.
    public var credentialID: String
    /// The proxy that it is for; absent for a shared one.
    public var proxyID: String?
    /// Its name.
    public var name: String
    /// What it is for.
    public var type: CredentialType
    /// The sealed user name.
    public var encryptedUsername: String?
    /// The sealed password.
    public var encryptedPassword: String?
    /// Sealed data of another kind.
    public var encryptedData: String?
    /// The master key that it was sealed under.
    public var keyID: String?
    /// The data key that the envelopes are sealed under once more.
    public var dataKeyID: String?
    /// The cipher, `aes-256-gcm`.
    public var algorithm: String
    /// 1 for a new one.
    public var encryptionVersion: Int
    /// Who gave it out.
    public var provider: String?
    /// When it ends.
    public var expiresAt: Timestamp?
    /// Who may read it.
    public var accessLevel: AccessLevel
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(
        credentialID: String, proxyID: String? = nil, name: String, type: CredentialType,
        encryptedUsername: String? = nil, encryptedPassword: String? = nil,
        encryptedData: String? = nil, keyID: String? = nil, dataKeyID: String? = nil,
        algorithm: String, encryptionVersion: Int, provider: String? = nil,
        expiresAt: Timestamp? = nil, accessLevel: AccessLevel, at: Timestamp
    ) {
        self.credentialID = credentialID
        self.proxyID = proxyID
        self.name = name
        self.type = type
        self.encryptedUsername = encryptedUsername
        self.encryptedPassword = encryptedPassword
        self.encryptedData = encryptedData
        self.keyID = keyID
        self.dataKeyID = dataKeyID
        self.algorithm = algorithm
        self.encryptionVersion = encryptionVersion
        self.provider = provider
        self.expiresAt = expiresAt
        self.accessLevel = accessLevel
        self.at = at
    }
}

/// E2.10: a proxy uses a credential.
public struct CredentialLinkedToProxy: RotationEvent {
    /// `credential.linked_to_proxy`.
    public static let type = "credential.linked_to_proxy"
    /// The credential.
    public var credentialID: String
    /// The proxy.
    public var proxyID: String

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(credentialID: String, proxyID: String) {
        self.credentialID = credentialID
        self.proxyID = proxyID
    }
}

/// E2.11: somebody read a credential.
public struct CredentialAccessed: RotationEvent {
    /// `credential.accessed`.
    public static let type = "credential.accessed"
    /// The credential.
    public var credentialID: String
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(credentialID: String, at: Timestamp) {
        self.credentialID = credentialID
        self.at = at
    }
}

/// E2.12: what a credential seals was replaced; what is absent stayed.
public struct CredentialDataReplaced: RotationEvent {
    /// `credential.data_replaced`.
    public static let type = "credential.data_replaced"
    /// The credential.
    public var credentialID: String
    /// The sealed user name.
    public var encryptedUsername: String?
    /// The sealed password.
    public var encryptedPassword: String?
    /// Sealed data of another kind.
    public var encryptedData: String?
    /// The master key of the new envelopes.
    public var keyID: String?
    /// The data key that the envelopes are sealed under once more.
    public var dataKeyID: String?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(
        credentialID: String, encryptedUsername: String? = nil, encryptedPassword: String? = nil,
        encryptedData: String? = nil, keyID: String? = nil, dataKeyID: String? = nil, at: Timestamp
    ) {
        self.credentialID = credentialID
        self.encryptedUsername = encryptedUsername
        self.encryptedPassword = encryptedPassword
        self.encryptedData = encryptedData
        self.keyID = keyID
        self.dataKeyID = dataKeyID
        self.at = at
    }
}

/// E2.13: the same secret, sealed under another key.
public struct CredentialReencrypted: RotationEvent {
    /// `credential.reencrypted`.
    public static let type = "credential.reencrypted"
    /// The credential.
    public var credentialID: String
    /// The sealed user name.
    public var encryptedUsername: String?
    /// The sealed password.
    public var encryptedPassword: String?
    /// Sealed data of another kind.
    public var encryptedData: String?
    /// The new master key.
    public var keyID: String
    /// The data key that the envelopes are sealed under once more.
    public var dataKeyID: String?
    /// One more than before.
    public var encryptionVersion: Int
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(
        credentialID: String, encryptedUsername: String? = nil, encryptedPassword: String? = nil,
        encryptedData: String? = nil, keyID: String, dataKeyID: String? = nil,
        encryptionVersion: Int, at: Timestamp
    ) {
        self.credentialID = credentialID
        self.encryptedUsername = encryptedUsername
        self.encryptedPassword = encryptedPassword
        self.encryptedData = encryptedData
        self.keyID = keyID
        self.dataKeyID = dataKeyID
        self.encryptionVersion = encryptionVersion
        self.at = at
    }
}

/// E2.14: a credential should be replaced.
public struct CredentialRotationRequested: RotationEvent {
    /// `credential.rotation_requested`.
    public static let type = "credential.rotation_requested"
    /// The credential.
    public var credentialID: String

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(credentialID: String) {
        self.credentialID = credentialID
    }
}

/// E2.15: a credential was replaced where it is used.
public struct CredentialRotationCleared: RotationEvent {
    /// `credential.rotation_cleared`.
    public static let type = "credential.rotation_cleared"
    /// The credential.
    public var credentialID: String
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(credentialID: String, at: Timestamp) {
        self.credentialID = credentialID
        self.at = at
    }
}

/// E2.16: a credential ends at another time, or never.
public struct CredentialExpirationChanged: RotationEvent {
    /// `credential.expiration_changed`.
    public static let type = "credential.expiration_changed"
    /// The credential.
    public var credentialID: String
    /// When it ends; absent for never.
    public var expiresAt: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(credentialID: String, expiresAt: Timestamp? = nil) {
        self.credentialID = credentialID
        self.expiresAt = expiresAt
    }
}

/// E2.17: others may read a credential.
public struct CredentialAccessLevelChanged: RotationEvent {
    /// `credential.access_level_changed`.
    public static let type = "credential.access_level_changed"
    /// The credential.
    public var credentialID: String
    /// Who may.
    public var accessLevel: AccessLevel

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(credentialID: String, accessLevel: AccessLevel) {
        self.credentialID = credentialID
        self.accessLevel = accessLevel
    }
}

/// E2.18: a credential has another version of its encryption.
public struct CredentialEncryptionVersionIncremented: RotationEvent {
    /// `credential.encryption_version_incremented`.
    public static let type = "credential.encryption_version_incremented"
    /// The credential.
    public var credentialID: String
    /// The new one.
    public var version: Int

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialID)" }

    /// Makes the event from its parts.
    public init(credentialID: String, version: Int) {
        self.credentialID = credentialID
        self.version = version
    }
}

/// E2.19: credentials are gone; their data keys are destroyed with them.
public struct CredentialDeleted: RotationEvent {
    /// `credential.deleted`.
    public static let type = "credential.deleted"
    /// The credentials.
    public var credentialIDs: [String]

    /// The entity that it happened to.
    public var stream: String { "credential/\(credentialIDs.first ?? "none")" }

    /// Makes the event from its parts.
    public init(credentialIDs: [String]) {
        self.credentialIDs = credentialIDs
    }
}

/// E2.20: plaintext passwords begin to be sealed.
public struct PasswordMigrationStarted: RotationEvent {
    /// `credential.password_migration_started`.
    public static let type = "credential.password_migration_started"
    /// Proxies with a plaintext password.
    public var total: Int
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation/password-migration" }

    /// Makes the event from its parts.
    public init(total: Int, at: Timestamp) {
        self.total = total
        self.at = at
    }
}

/// E2.21: so many are sealed.
public struct PasswordMigrationProgressed: RotationEvent {
    /// `credential.password_migration_progressed`.
    public static let type = "credential.password_migration_progressed"
    /// Sealed so far.
    public var migrated: Int
    /// Not sealed so far.
    public var failed: Int
    /// The last one.
    public var lastProxyID: String

    /// The entity that it happened to.
    public var stream: String { "rotation/password-migration" }

    /// Makes the event from its parts.
    public init(migrated: Int, failed: Int, lastProxyID: String) {
        self.migrated = migrated
        self.failed = failed
        self.lastProxyID = lastProxyID
    }
}

/// E2.22: no plaintext password is left, or the move failed.
public struct PasswordMigrationFinished: RotationEvent {
    /// `credential.password_migration_finished`.
    public static let type = "credential.password_migration_finished"
    /// `completed` or `failed`.
    public var status: String
    /// Why it failed.
    public var error: String?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "rotation/password-migration" }

    /// Makes the event from its parts.
    public init(status: String, error: String? = nil, at: Timestamp) {
        self.status = status
        self.error = error
        self.at = at
    }
}

/// E2.23: how a key is derived; never the key.
public struct EncryptionKeyRegistered: RotationEvent {
    /// `encryption_key.registered`.
    public static let type = "encryption_key.registered"
    /// The first 16 hex digits of the SHA-256 of the key.
    public var keyID: String
    /// `scrypt`, `pbkdf2-sha256` or `raw`.
    public var kdf: String
    /// The parameters of the derivation.
    public var parameters: [String: JSONValue]
    /// The salt as it is used: a text.
    public var salt: String?
    /// When.
    public var at: Timestamp?

    /// The entity that it happened to.
    public var stream: String { "encryption_key/\(keyID)" }

    /// Makes the event from its parts.
    public init(
        keyID: String, kdf: String, parameters: [String: JSONValue], salt: String? = nil,
        at: Timestamp
    ) {
        self.keyID = keyID
        self.kdf = kdf
        self.parameters = parameters
        self.salt = salt
        self.at = at
    }
}
