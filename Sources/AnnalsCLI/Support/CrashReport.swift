internal import EventModel
internal import Foundation
internal import Synchronization

/// Turns the end by memory that cannot be read, or by an assertion of a library, into an error like
/// any other.
///
/// LMDB trusts the pages of the log and reads them through a map of the file. `verify`, `doctor --full`
/// and `backup` check them beforehand; for every command that would cost too much.
enum CrashReport {
    private static let failure = CommandError(
        AnnalsError(
            .corrupt, "CRASHED",
            "Reading memory or an assertion of a library failed: the log's file may be damaged.",
            hint: "Run 'annals verify', which names the damage."))

    // What the handler works with, made beforehand: it may hardly do more than write and end.
    private static let address = Atomic<UInt>(0)
    private static let count = Atomic<Int>(0)
    private static let descriptor = Atomic<Int32>(STDERR_FILENO)
    private static let midLine = Atomic<Bool>(false)
    private static let isTold = Atomic<Bool>(false)

    /// Whether what standard output got so far ends within a line.
    static var isMidLine: Bool {
        get { midLine.load(ordering: .relaxed) }
        set { midLine.store(newValue, ordering: .relaxed) }
    }

    /// From here on a crash is told, with exit status 1.
    /// - Parameter isJSON: as a document on standard output, else as lines on standard error.
    static func arm(isJSON: Bool) {
        var bytes: [UInt8] = []
        if isJSON { failure.document.append(to: &bytes) }
        bytes += (isJSON ? "\n" : failure.lines.map { "\($0)\n" }.joined()).utf8
        // Never given back: a crash can come at any time.
        let kept = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        unsafe kept.copyBytes(from: bytes)
        address.store(UInt(bitPattern: kept.baseAddress), ordering: .relaxed)
        count.store(bytes.count, ordering: .relaxed)
        descriptor.store(isJSON ? STDOUT_FILENO : STDERR_FILENO, ordering: .relaxed)
        // Each is used once here, so that the handler does not have to make it.
        isMidLine = false
        isTold.store(false, ordering: .relaxed)
        for number in [SIGSEGV, SIGBUS, SIGABRT] {
            signal(number) { _ in CrashReport.tell() }
        }
    }

    /// Runs in the signal's handler.
    private static func tell() {
        // When several threads crash, one tells.
        while isTold.exchange(true, ordering: .relaxed) { pause() }
        let target = descriptor.load(ordering: .relaxed)
        var lineEnd = UInt8(ascii: "\n")
        if target == STDOUT_FILENO, isMidLine { _ = unsafe write(target, &lineEnd, 1) }
        let text = unsafe UnsafeRawPointer(bitPattern: address.load(ordering: .relaxed))
        _ = unsafe write(target, text, count.load(ordering: .relaxed))
        _exit(ExitStatus.failure.rawValue)
    }
}
