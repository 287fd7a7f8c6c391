import Annals
import AnnalsTesting
import EventModel
import Foundation
import LogStorage

/// A store with some events, and a folder for its backups and for what is restored of them.
struct BackupStore {
    let stock: StockStore
    let folder: TemporaryFolder

    init(items: Int = 300) async throws {
        stock = try StockStore()
        folder = try TemporaryFolder()
        _ = try await stock.store.appendUnchecked((0..<items).map { Stock.added("item-\($0)") })
        _ = try await stock.store.appendUnchecked(
            (0..<items).map { Stock.counted("item-\($0)", $0) })
        _ = try stock.store.catchUp(Stock.name)
    }

    var store: EventStore { stock.store }

    /// A place in the folder.
    func place(_ name: String) -> String { "\(folder.path)/\(name)" }

    /// The names in the folder.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    /// Opens a store that was restored, like any program.
    func open(_ name: String) throws -> EventStore { try EventStore(at: place(name)) }

    func openForReading(_ name: String) throws -> EventStore {
        var options = EventStore.Options()
        options.access = .readOnly
        return try EventStore(at: place(name), options: options)
    }

    /// The events of the admin stream of a type, as their data.
    static func notes(_ type: String, in store: EventStore) throws -> [[String: Any]] {
        var found: [[String: Any]] = []
        _ = try store.log.read(EventQuery(types: [type])) { event in
            let data = Data([UInt8](copying: event.data))
            found.append(try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:])
        }
        return found
    }

    /// Every file below a folder with its bytes, links with their targets.
    static func files(_ path: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: path)
            ?? FileManager.DirectoryEnumerator()
        {
            let full = "\(path)/\(name)"
            let type = try FileManager.default.attributesOfItem(atPath: full)[.type]
            switch type as? FileAttributeType {
            case .typeSymbolicLink:
                found[name] = Data(
                    try FileManager.default.destinationOfSymbolicLink(atPath: full).utf8)
            case .typeRegular: found[name] = try Data(contentsOf: URL(fileURLWithPath: full))
            default: break
            }
        }
        return found
    }

    /// Changes one bit of a file.
    static func flip(bit: Int, of path: String) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        try bytes.write(to: URL(fileURLWithPath: path))
    }
}
