internal import Foundation

/// How wide the terminal is.
enum TerminalSize {
    /// The columns of the terminal, by `COLUMNS` where a shell exports it, else 80.
    ///
    /// The system call that knows better wants a pointer, and unsafe code is kept out of this module.
    static func columns() -> Int {
        let text = ProcessInfo.processInfo.environment["COLUMNS"] ?? ""
        return max(Int(text) ?? 80, 20)
    }
}
