internal import Crypto
internal import EventModel
internal import Foundation
internal import LogStorage

/// What a backup says about itself, in its file `manifest.json`.
public struct BackupManifest: Codable, Sendable, Equatable {
    /// One projection in the backup.
    public struct Projection: Codable, Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its file, relative to the backup's folder.
        public let file: String
        /// The numbers of the migrations that it was built with, ascending.
        public let versions: [Int]
        /// The position up to which it holds the log; at or before `head`.
        public let checkpoint: UInt64
        /// Its content digest.
        public let digest: String
    }

    /// A projection that the store has and the backup has not: a restore builds it from the log.
    public struct LeftOut: Codable, Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Why its file was not taken along.
        public let reason: String
    }

    /// One file of the backup.
    public struct File: Codable, Sendable, Equatable {
        /// Its name, relative to the backup's folder.
        public let name: String
        /// Its size.
        public let bytes: UInt64
        /// SHA-256 of its bytes, lower-case hex.
        public let sha256: String
    }

    /// What became of the store's data keys, without which credentials cannot be opened.
    public struct DataKeys: Codable, Sendable, Equatable {
        /// Whether they are in the backup.
        ///
        /// Those in it keep what they open alive there, also when it is deleted in the store later.
        public let included: Bool
        /// How many the store had.
        public let count: Int
    }

    /// The version of the backup's format that this program writes and reads.
    public static let formatVersion = 1

    /// The version of the backup's format.
    public var format = BackupManifest.formatVersion
    /// The identity of the store.
    public var store: String
    /// The epoch of the log; a restore begins the next one.
    public var epoch: UInt64
    /// The branch of the log; empty in epoch 1.
    public var branch: String
    /// The position of the last event in the backup.
    public var head: UInt64
    /// The leaf of the Merkle tree for that event, hex; empty for an empty log.
    public var headHash: String
    /// Whether the backup was made without projections.
    public var logOnly: Bool
    /// The projections in the backup, by name.
    public var projections: [Projection]
    /// The projections that are not in the backup, by name.
    public var leftOut: [LeftOut]
    /// The data keys; `nil` when the store had none.
    public var dataKeys: DataKeys?
    /// Every file of the backup but this one, by name.
    public var files: [File]
    /// When it was made, RFC 3339.
    public var createdAt: String
    /// The program that made it.
    public var tool: String
    /// SHA-256 over this document with an empty `check`, lower-case hex: names the whole backup.
    public var check = ""

    /// The manifest's name in a backup.
    static let fileName = "manifest.json"

    /// The document with its check.
    func sealed() throws(AnnalsError) -> BackupManifest {
        var sealed = self
        sealed.check = ""
        sealed.check = SHA256.hex(try sealed.encoded())
        return sealed
    }

    func encoded() throws(AnnalsError) -> Data {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self) + Data("\n".utf8)
        } catch {
            throw AnnalsError(.invalid, "MANIFEST", "The manifest cannot be written: \(error).")
        }
    }

    /// Reads the manifest of a backup.
    /// - Throws: `BACKUP_MISSING`, `FORMAT_NEWER`, and `BACKUP_DAMAGED` when a single byte is not as it
    ///   was written.
    static func read(fromFolder path: String) throws(AnnalsError) -> BackupManifest {
        let file = "\(path)/\(fileName)"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw AnnalsError(
                .invalid, "BACKUP_MISSING", "There is no backup in \(path): it has no \(fileName).",
                hint: "Name a folder that 'annals backup' made.", context: .init(file: file))
        }
        struct FormatOnly: Decodable { let format: Int }
        let manifest: BackupManifest
        do {
            let format = try JSONDecoder().decode(FormatOnly.self, from: data).format
            guard format <= formatVersion else { throw EventLog.newerFormat(format) }
            manifest = try JSONDecoder().decode(BackupManifest.self, from: data)
        } catch let error as AnnalsError {
            throw error
        } catch {
            throw BackupCheck.damaged(file, "it is no manifest of a backup")
        }
        guard try manifest.sealed().encoded() == data else {
            throw BackupCheck.damaged(file, "it does not match the check in it")
        }
        return manifest
    }
}

extension SHA256 {
    /// The digest of bytes as lower-case hex.
    static func hex(_ data: Data) -> String { hex(hash(data: data)) }

    /// A digest as lower-case hex.
    static func hex(_ digest: SHA256Digest) -> String {
        digest.map { String(format: "%02x", $0) }.joined()
    }
}
