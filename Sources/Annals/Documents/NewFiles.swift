internal import EventModel
internal import Foundation

/// Files for people's own folders: made with the usual rights, and never over one that is there.
enum NewFiles {
    /// Makes a folder and those above it; that it is there is no error.
    static func makeFolder(_ path: String) throws(AnnalsError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw StoreFiles.fileError("making the folder", path, error)
        }
    }

    /// Makes a folder that must not be there.
    static func makeNewFolder(_ path: String) throws(AnnalsError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false)
        } catch CocoaError.fileWriteFileExists {
            throw exists(path)
        } catch {
            throw StoreFiles.fileError("making the folder", path, error)
        }
    }

    /// Writes a file that must not be there.
    static func write(_ text: String, to path: String) throws(AnnalsError) {
        do {
            try Data(text.utf8).write(
                to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch CocoaError.fileWriteFileExists {
            throw exists(path)
        } catch {
            throw StoreFiles.fileError("writing", path, error)
        }
    }

    private static func exists(_ path: String) -> AnnalsError {
        AnnalsError(
            .invalid, "FILE_EXISTS", "\(path) exists already.", hint: "Choose another name.",
            context: .init(file: path))
    }
}
