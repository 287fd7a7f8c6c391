import AnnalsTesting
import Foundation

/// One line of output, at once.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

/// Arms a failpoint by `NAME=crash`, `NAME=pause:FILE`, or `NAME=full`, from where on files do not grow.
func arm(_ option: String) {
    let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
    if parts[1] == "crash" { return Failpoints.arm(parts[0], .crash) }
    if parts[1] == "full" { return Failpoints.arm(parts[0], .run { stopGrowth() }) }
    let file = String(parts[1].dropFirst("pause:".count))
    Failpoints.arm(parts[0], .run { pause(until: file) })
}

/// Says that a failpoint was reached, and stays there until the file exists.
private func pause(until file: String) {
    say("paused")
    while !FileManager.default.fileExists(atPath: file) { usleep(1000) }
}

/// From here on every write that makes a file grow fails, as on a full disk.
private func stopGrowth() {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: 0, rlim_max: rlim_t.max)
    let result = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    precondition(result == 0, "the limit is not set")
}
