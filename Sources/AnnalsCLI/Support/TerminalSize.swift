internal import Foundation

/// How wide the terminal is.
enum TerminalSize {
    /// The columns of the terminal that standard output is; 80 when it does not say.
    static func columns() -> Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return max(Int(size.ws_col), 20)
    }
}
