internal import EventModel
internal import Foundation

/// The name of a generation's file: projection, number with at least four digits, `.sqlite`.
///
/// Only files of names that the store has given may be removed by it: whatever else lies in the folder
/// is somebody else's.
struct GenerationName: Hashable {
    let projection: String
    let number: Int

    private static let ending = ".sqlite"
    /// What SQLite puts behind the names of the files that it keeps beside.
    static let sideEndings = ["-wal", "-shm", "-journal"]

    init(projection: String, number: Int) {
        self.projection = projection
        self.number = number
    }

    /// Reads the name of a file, or of one that SQLite keeps beside it; `nil` for any other name.
    ///
    /// `a-b-0001.sqlite` is none of the projection `a`, and `a-1.sqlite` nobody's.
    init?(_ name: String, of projection: String) {
        let side = Self.sideEndings.first { name.hasSuffix(Self.ending + $0) } ?? ""
        let digits = name.dropLast(side.count + Self.ending.count).dropFirst(projection.count + 1)
        guard let number = Int(digits) else { return nil }
        self.init(projection: projection, number: number)
        guard file + side == name else { return nil }
    }

    /// The file's name in the folder `generations`.
    var file: String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
        return "\(projection)-\(zeros)\(digits)\(Self.ending)"
    }
}

/// The files in the folder `generations` that no projection's state names.
struct LeftoverFiles {
    /// Made by builds that were ended: the store may remove them.
    var abandoned: [String] = []
    /// Somebody else's: the store leaves them alone.
    var foreign: [String] = []
}

extension EventStore {
    /// Sorts what lies beside the generations that the projections' states name.
    /// - Throws: `FILE_FAILED` when the folder cannot be read; what is wrong with a state.
    func leftoverFiles() throws(AnnalsError) -> LeftoverFiles {
        var named: Set<String> = []
        var states: [(projection: String, state: ProjectionState)] = []
        for projection in try knownProjections() {
            guard let state = try state(of: projection) else { continue }
            named.formUnion(([state.current].compactMap { $0 } + state.retained).map(\.file))
            states.append((projection, state))
        }
        var found = LeftoverFiles()
        for name in try namesInGenerations() {
            let side = GenerationName.sideEndings.first { name.hasSuffix($0) } ?? ""
            if named.contains(String(name.dropLast(side.count))) { continue }
            let isOurs = states.contains { projection, state in
                GenerationName(name, of: projection).map { state.hasGiven($0.number) } ?? false
            }
            if isOurs, try isRegular(name) {
                found.abandoned.append(name)
            } else {
                found.foreign.append(name)
            }
        }
        return found
    }

    /// The names in the folder `generations`, sorted.
    func namesInGenerations() throws(AnnalsError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: files.generations).sorted()
        } catch {
            throw AnnalsError(
                .unavailable, "FILE_FAILED",
                "The folder \(files.generations) cannot be read: \(error.localizedDescription)")
        }
    }

    /// Whether it is a file, and neither a folder nor a link.
    private func isRegular(_ name: String) throws(AnnalsError) -> Bool {
        let path = files.generation(name)
        do {
            let type = try FileManager.default.attributesOfItem(atPath: path)[.type]
            return type as? FileAttributeType == .typeRegular
        } catch CocoaError.fileReadNoSuchFile {
            return false
        } catch {
            throw StoreFiles.fileError("looking at", path, error)
        }
    }
}
