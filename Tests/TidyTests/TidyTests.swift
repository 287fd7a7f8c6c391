import Foundation
import Testing

/// The rules of CONTRIBUTING.md that a program can check; each finding is `file:line: what`.
@Suite("The source tree is tidy")
struct TidyTests {
    let tree = SourceTree()

    @Test("Files stay small: one idea each")
    func fileLength() throws {
        let long = try tree.swiftSources.filter { $0.lines.count > 400 }
            .map { "\($0.path): \($0.lines.count) lines, at most 400" }
        #expect(long.isEmpty, "\(long.joined(separator: "\n"))")
    }

    /// Who may import whom; everything not listed is a finding.
    ///
    /// System modules are free.
    static let arrows: [String: Set<String>] = [
        "LMDB": ["CLMDB"],
        "Gzip": ["CZlib"],
        "SQLite": ["CSQLiteTuning", "GRDBSQLite"],
        "EventModel": [],
        "CloudEvents": ["EventModel"],
        "LogStorage": ["LMDB", "EventModel", "Crypto"],
        "ProjectionEngine": ["SQLite", "EventModel", "Crypto", "Yams"],
        "Annals": [
            "EventModel", "LogStorage", "ProjectionEngine", "SQLite", "CloudEvents", "Gzip",
            "Crypto", "GRDB", "Logging",
        ],
        "AnnalsTesting": ["Annals", "EventModel", "LogStorage", "ProjectionEngine", "GRDB"],
        "AllProjections": [
            "Annals", "EventModel", "ProjectionEngine", "RotationProjection", "AgentsProjection",
            "UsageProjection",
        ],
        "RotationProjection": [
            "Annals", "EventModel", "ProjectionEngine", "GRDB", "Crypto", "CryptoExtras",
        ],
        "AgentsProjection": ["Annals", "EventModel", "ProjectionEngine", "GRDB"],
        "UsageProjection": ["Annals", "EventModel", "ProjectionEngine", "GRDB"],
        "AnnalsCLI": [
            "Annals", "AllProjections", "RotationProjection", "EventModel", "LogStorage",
            "ProjectionEngine",
            "CloudEvents", "Gzip", "ArgumentParser", "Logging",
        ],
    ]
    static let system: Set<String> = ["Synchronization", "Dispatch", "Glibc"]
    /// Foundation is heavy and slow in hot code: these modules do without.
    static let withoutFoundation: Set<String> = [
        "LMDB", "Gzip", "SQLite", "EventModel", "CloudEvents", "LogStorage", "ProjectionEngine",
    ]

    @Test("Imports follow the arrows of docs/architecture.md")
    func imports() throws {
        var findings: [String] = []
        for file in try tree.swiftSources {
            let module = file.path.hasPrefix("Projections/All") ? "AllProjections" : file.module
            let allowed = try #require(Self.arrows[module], "\(module) is not in the list")
            for (number, text) in file.code {
                let words = text.split(separator: " ").map(String.init)
                guard let index = words.firstIndex(of: "import"), index <= 1,
                    words.count > index + 1
                else { continue }
                let name = words[index + 1]
                let isFree =
                    Self.system.contains(name)
                    || name == "Foundation" && !Self.withoutFoundation.contains(module)
                if !isFree && !allowed.contains(name) {
                    findings.append("\(file.path):\(number): \(module) may not import \(name)")
                }
            }
        }
        #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
    }

    /// Modules that wrap a C library; their business is unsafe.
    static let unsafeModules: Set<String> = ["LMDB", "SQLite", "Gzip"]
    /// Single files elsewhere, with the reason.
    ///
    /// This list may only shrink.
    static let unsafeFiles: [String: String] = [
        "Sources/EventModel/Bytes.swift": "block copies out of lent memory",
        "Sources/EventModel/JSON/ByteWord.swift": "eight bytes at a time while scanning JSON",
        "Sources/LogStorage/Digest.swift": "lends memory to the hash",
        "Sources/Annals/DataKeys/SecretBytes.swift": "keys in memory that is overwritten",
        "Sources/Annals/Store/StoreFiles.swift": "rename(2) has no wrapper that replaces",
        "Sources/AnnalsCLI/Support/TerminalSize.swift": "ioctl has no wrapper",
        "Sources/AnnalsCLI/Support/CrashReport.swift": "a signal handler writes bytes made before",
    ]

    @Test("Unsafe code stays in the modules that wrap a C library")
    func unsafeCode() throws {
        var findings: [String] = []
        let words = [
            "unsafe ", "@unchecked ", "nonisolated(unsafe)", "UnsafeMutable", "UnsafePointer",
        ]
        for file in try tree.swiftSources
        where !Self.unsafeModules.contains(file.module) && Self.unsafeFiles[file.path] == nil {
            for (number, text) in file.code where words.contains(where: text.contains) {
                findings.append("\(file.path):\(number): unsafe code")
            }
        }
        #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
    }

    @Test("Nothing traps on what input or disk can cause, and nothing is left for later")
    func bannedWords() throws {
        let banned = ["try!", "as!", "fatalError(", "TODO", "FIXME", "print(\"debug"]
        var findings: [String] = []
        for file in try tree.swiftSources {
            for (index, line) in file.lines.enumerated() {
                for word in banned where line.contains(word) {
                    findings.append("\(file.path):\(index + 1): \(word)")
                }
            }
        }
        #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
    }

    @Test("Documents and tools name no machine's folders")
    func machinePaths() throws {
        let files = try tree.files(
            ["docs", "tools", "Projections", "Sources"],
            endings: [".md", ".sh", ".py", ".c", ".swift", ".sql"])
        // Put together here, so that this file is not its own finding.
        let roots = ["work", "farm", "root"].map { "/\($0)/" }
        var findings: [String] = []
        for file in files {
            for (index, line) in file.lines.enumerated() where roots.contains(where: line.contains)
            {
                findings.append("\(file.path):\(index + 1): a machine's path")
            }
        }
        #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
    }

    @Test("Every file of SQL is embedded in the program")
    func embeddedSQL() throws {
        let manifest = try String(
            contentsOf: tree.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        for file in try tree.files(["Projections"], endings: [".sql"]) {
            let name = try #require(
                file.path.split(separator: "/").last?.dropLast(".sql".count))
            #expect(manifest.contains("\"\(name)\""), "\(file.path) is not in Package.swift")
        }
    }
}
