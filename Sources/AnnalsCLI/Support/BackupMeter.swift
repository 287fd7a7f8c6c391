internal import Annals

/// Tells how far a backup or restore is, step by step.
final class BackupMeter {
    private let console: Console
    private var meter: ProgressMeter?
    private var step: BackupProgress.Step?
    private var projection: String?

    init(on console: Console) { self.console = console }

    /// Takes note of how far it is, and tells it when it is time to.
    func update(_ progress: BackupProgress) {
        if progress.step != step || progress.projection != projection {
            end()
            step = progress.step
            projection = progress.projection
            meter = ProgressMeter(
                Self.title(progress), unit: Self.unit(progress.step), on: console)
        }
        meter?.update(done: progress.done, total: progress.total)
    }

    /// Takes the changing line away.
    func end() {
        meter?.end()
        meter = nil
    }

    private static func title(_ progress: BackupProgress) -> String {
        let name = progress.projection ?? ""
        return switch progress.step {
        case .copyingLog: "copying the log"
        case .copyingProjection: "copying \(name)"
        case .hashing: "hashing the files"
        case .verifyingLog: "verifying the log"
        case .copyingFiles: "copying the files"
        case .rebuilding: "rebuilding \(name)"
        }
    }

    private static func unit(_ step: BackupProgress.Step) -> ProgressMeter.Unit {
        step == .verifyingLog || step == .rebuilding ? .events : .bytes
    }
}
