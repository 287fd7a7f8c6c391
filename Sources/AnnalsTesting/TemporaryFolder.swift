public import EventModel
internal import Foundation

/// A folder of its own for one test; it is removed, with all that is in it, when the value goes.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Makes an empty folder in the system's folder for temporary files.
    /// - Throws: `FILE_FAILED`.
    public init() throws(AnnalsError) {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("annals-test-\(UUID().uuidString)").path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Self.failed("made", path, error)
        }
    }

    deinit {
        // What cannot be removed lies in the system's folder for such files.
        do { try FileManager.default.removeItem(atPath: path) } catch {}
    }

    /// Writes a text file below the folder, and the folders that lead to it; returns its path.
    /// - Throws: `FILE_FAILED`.
    @discardableResult
    public func write(_ text: String, to name: String) throws(AnnalsError) -> String {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return file.path
        } catch {
            throw Self.failed("written", file.path, error)
        }
    }

    private static func failed(_ what: String, _ path: String, _ error: any Error) -> AnnalsError {
        AnnalsError(
            .unavailable, "FILE_FAILED", "\(path) cannot be \(what): \(error).",
            hint: "Check the folder for temporary files.")
    }
}
