internal import EventModel
internal import Foundation

/// A folder beside the place where it is to appear when it is complete: `PLACE.partial-XXXXXXXX`.
///
/// While it is worked on it holds a locked file. So the next one for the same place knows what a
/// program left that was killed, and removes it.
final class WorkFolder {
    /// The folder.
    let path: String
    /// Where it is to appear.
    let place: String
    private let handle: FileHandle
    private var isDone = false

    private static let mark = ".partial"

    /// Makes an empty folder for its owner only.
    /// - Throws: `FILE_FAILED` when there is no folder that the place lies in; what the system says.
    init(for place: String) throws(AnnalsError) {
        self.place = place
        try Self.removeAbandoned(place)
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        path = "\(place).partial-" + String(repeating: "0", count: 8 - digits.count) + digits
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreFiles.fileError("making the folder", path, error)
        }
        do throws(AnnalsError) {
            handle = try StoreFiles.openOrCreate("\(path)/\(Self.mark)")
            flock(handle.fileDescriptor, LOCK_EX | LOCK_NB)
        } catch {
            try StoreFiles.removeIfPresent(path)
            throw error
        }
    }

    deinit {
        // Who throws away a folder because of an error tells that error, not this one.
        if !isDone { do { try FileManager.default.removeItem(atPath: path) } catch {} }
    }

    /// Lets the folder appear at its place, synced with the folder above it.
    ///
    /// - Parameter setAside: Where what is there now goes; `nil` when there is nothing or an empty folder.
    func publish(setAside: String? = nil) throws(AnnalsError) {
        try StoreFiles.sync(folder: path)
        if let setAside {
            try StoreFiles.rename(place, over: setAside)
            Failpoint.reach("restore.set-aside")
        }
        do {
            try StoreFiles.rename(path, over: place)
        } catch {
            if let setAside { try StoreFiles.rename(setAside, over: place) }
            throw error
        }
        isDone = true
        // Until here whoever comes next may remove the folder under its other name.
        try StoreFiles.removeIfPresent("\(place)/\(Self.mark)")
        try StoreFiles.sync(folder: place)
        try StoreFiles.sync(folder: Self.parent(of: place))
    }

    /// Removes what programs that were killed left for the same place.
    private static func removeAbandoned(_ place: String) throws(AnnalsError) {
        let parent = parent(of: place)
        let prefix = URL(fileURLWithPath: place).lastPathComponent + ".partial-"
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: parent).sorted()
        } catch {
            throw StoreFiles.fileError("reading the folder", parent, error)
        }
        for name in names where name.hasPrefix(prefix) {
            let mark = "\(parent)/\(name)/\(Self.mark)"
            guard let handle = FileHandle(forReadingAtPath: mark) else { continue }
            let isFree = flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0
            if isFree { try StoreFiles.removeIfPresent("\(parent)/\(name)") }
            do { try handle.close() } catch {}
        }
    }

    private static func parent(of place: String) -> String {
        URL(fileURLWithPath: place).deletingLastPathComponent().path
    }
}
