public import EventModel
internal import Foundation
public import ProjectionEngine

extension ProjectionPage {
    /// The name of the page's file.
    public var file: String { "\(projection).md" }

    /// Writes pages into a folder, which is made when it does not exist.
    ///
    /// An earlier page is replaced; a file that is no such page is not touched.
    /// - Returns: the paths in the order of the pages.
    /// - Throws: `FILE_EXISTS` for a file that was not written by this, `FILE_FAILED`, `DISK_FULL`,
    ///   `NOT_PERMITTED`.
    public static func write(
        _ pages: [ProjectionPage], into folder: String
    ) throws(AnnalsError) -> [String] {
        let paths = pages.map { "\(folder)/\($0.file)" }
        // All are looked at before the first is written.
        for path in paths { try checkOwn(path) }
        try NewFiles.makeFolder(folder)
        for (page, path) in zip(pages, paths) {
            do {
                try Data(page.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                throw StoreFiles.fileError("writing", path, error)
            }
        }
        return paths
    }

    private static func checkOwn(_ path: String) throws(AnnalsError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let content = FileManager.default.contents(atPath: path) ?? Data()
        guard !content.starts(with: Data("\(mark)\n".utf8)) else { return }
        throw AnnalsError(
            .invalid, "FILE_EXISTS", "\(path) exists, and 'annals docs' did not write it.",
            hint: "Name another folder, or remove the file.", context: .init(file: path))
    }
}
