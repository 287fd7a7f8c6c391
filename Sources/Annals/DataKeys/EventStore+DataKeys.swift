public import EventModel
internal import Foundation
internal import LogStorage

/// What the file of data keys holds.
public struct DataKeyReport: Sendable, Equatable {
    /// How many keys there are.
    public let count: Int
    /// The places, from 0, that hold neither a key nor nothing.
    public let damaged: [Int]
}

extension EventStore {
    /// Checks every record of the store's data keys; reads only.
    ///
    /// - Returns: what there is; `nil` without a file.
    /// - Throws: `DATA_KEYS_DAMAGED` for a file that is none, `DATA_KEYS_FOREIGN`, `FORMAT_NEWER`.
    public func checkDataKeys() throws(AnnalsError) -> DataKeyReport? {
        guard dataKeys.exists else { return nil }
        let contents = try dataKeys.contents()
        return DataKeyReport(count: contents.ids.count, damaged: contents.damaged.map(\.slot))
    }

    /// The store's data keys.
    package var dataKeys: DataKeyFile {
        DataKeyFile(path: files.dataKeys, store: log.id, isReadOnly: options.access == .readOnly)
    }

    /// What is wrong with the file of data keys; reads only.
    ///
    /// Nothing can make a key anew: what is damaged comes back from a backup, or not at all.
    func dataKeyFindings() -> [StoreFinding] {
        guard dataKeys.exists else { return [] }
        var findings: [StoreFinding] = []
        let name = DataKeyFile.fileName
        do throws(AnnalsError) {
            let damaged = try dataKeys.contents().damaged
            if !damaged.isEmpty {
                let slots = damaged.prefix(5).map { String($0.slot) }.joined(separator: ", ")
                findings.append(
                    StoreFinding(
                        code: "DATA_KEYS_DAMAGED",
                        message: "\(name) has \(damaged.count) damaged records: \(slots).",
                        remedy: "Keep a copy of the file; a backup with data keys has these places."
                    ))
            }
        } catch {
            findings.append(StoreFinding(error, nil))
        }
        if let mode = Self.mode(of: files.dataKeys), mode & 0o077 != 0 {
            findings.append(
                StoreFinding(
                    code: "DATA_KEYS_READABLE",
                    message:
                        "\(name) can be read by others: its mode is \(String(mode, radix: 8)).",
                    remedy: "chmod 600 \(files.dataKeys)"))
        }
        return findings
    }

    /// The permissions of a file; `nil` when it cannot be looked at.
    private static func mode(of path: String) -> Int? {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (attributes[.posixPermissions] as? NSNumber)?.intValue
        } catch {
            return nil
        }
    }
}
