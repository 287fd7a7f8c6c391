import Foundation

/// The project's own files, as the checks read them.
struct SourceTree {
    /// One text file.
    struct File {
        /// Relative to the project's folder.
        let path: String
        let lines: [String]
    }

    let root: URL

    init() {
        root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
    }

    /// The files below some folders with one of the endings, in the order of their paths.
    func files(_ folders: [String], endings: [String]) throws -> [File] {
        var found: [File] = []
        for folder in folders {
            let base = root.appendingPathComponent(folder)
            guard let walk = FileManager.default.enumerator(atPath: base.path) else { continue }
            for case let name as String in walk
            where endings.contains(where: name.hasSuffix) && !name.hasPrefix(".build") {
                let text = try String(
                    contentsOf: base.appendingPathComponent(name), encoding: .utf8)
                found.append(
                    File(
                        path: "\(folder)/\(name)",
                        lines: text.split(separator: "\n", omittingEmptySubsequences: false)
                            .map(String.init)))
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    var swiftSources: [File] {
        get throws { try files(["Sources", "Projections"], endings: [".swift"]) }
    }
}

extension SourceTree.File {
    /// The module that the file belongs to.
    var module: String {
        let parts = path.split(separator: "/").map(String.init)
        return parts[0] == "Projections" ? "\(parts[1])Projection" : parts[1]
    }

    /// The lines with code: without comment lines and the contents of string literals.
    var code: [(number: Int, text: String)] {
        lines.enumerated().compactMap { index, line in
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.hasPrefix("//") || text.isEmpty { return nil }
            return (index + 1, withoutStrings(text))
        }
    }

    private func withoutStrings(_ line: String) -> String {
        var result = ""
        var isInside = false
        var isEscaped = false
        for character in line {
            if isEscaped { isEscaped = false; continue }
            if isInside && character == "\\" { isEscaped = true; continue }
            if character == "\"" { isInside.toggle(); continue }
            if !isInside { result.append(character) }
        }
        // What follows a code line as a comment is not code either.
        return result.components(separatedBy: "//")[0]
    }
}
