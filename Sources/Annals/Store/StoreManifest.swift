internal import EventModel
internal import Foundation
internal import LogStorage

/// `store.json`: what a program must know before it opens a store.
///
/// The same text is kept in the log's table `state`, so that the file can be made anew.
struct StoreManifest: Codable, Equatable {
    /// The name of the value in the log's state that repeats the manifest.
    static let stateKey = "store"

    /// The version of the store's format.
    var format: Int
    /// The store's identity, which is its log's.
    var id: String
    /// The log's epoch; a manifest without one is of epoch 1.
    var epoch: UInt64?
    /// The folder with the projections' folders; absent for the built-in ones.
    var projections: String?

    func encoded() throws(AnnalsError) -> Data {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self) + Data("\n".utf8)
        } catch {
            throw AnnalsError(.invalid, "MANIFEST", "The manifest cannot be written: \(error).")
        }
    }

    /// Reads a manifest; `nil` when the file does not exist or cannot be understood: the log repeats it.
    /// - Throws: `FORMAT_NEWER` for a newer format.
    static func read(_ path: String) throws(AnnalsError) -> StoreManifest? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        do {
            return try decode(data, from: path)
        } catch  where error.code == "MANIFEST_DAMAGED" {
            return nil
        }
    }

    static func decode(_ data: Data, from path: String) throws(AnnalsError) -> StoreManifest {
        struct FormatOnly: Decodable { let format: Int }
        do {
            let format = try JSONDecoder().decode(FormatOnly.self, from: data).format
            guard format <= EventLog.formatVersion else { throw EventLog.newerFormat(format) }
            return try JSONDecoder().decode(StoreManifest.self, from: data)
        } catch let error as AnnalsError {
            throw error
        } catch {
            throw AnnalsError(
                .corrupt, "MANIFEST_DAMAGED", "\(path) is not a store's manifest: \(error).",
                hint: "Remove the file: the next writing command makes it anew from the log.")
        }
    }
}
