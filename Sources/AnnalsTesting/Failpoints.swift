internal import EventModel
internal import Foundation

/// Stops or delays a program at named places, to see that a crash there loses nothing.
///
/// Failpoints are the process's: tests that arm one and run beside others see the others' hits too.
public enum Failpoints {
    /// What happens at a place.
    public enum Action: Sendable {
        /// The process ends at once, as with `kill -9`.
        case crash
        /// The closure runs, on the thread that came by.
        case run(@Sendable () -> Void)
    }

    /// The places of the store, in the order in which a program comes by.
    public static let names = [
        "build.created", "build.applied", "build.finished", "switch.before-pointer",
        "switch.after-pointer", "switch.after-link", "checked.before-log-commit",
        "checked.between-commits", "adopt.marked", "adopt.appended",
        "backup.begun", "backup.log-copied", "backup.projection-copied", "backup.filled",
        "backup.complete", "backup.published", "restore.verified", "restore.copied",
        "restore.epoch-begun",
        "restore.complete", "restore.set-aside",
        "data-keys.created", "data-keys.appended", "data-keys.destroyed",
        "log.written", "create.log-made", "create.before-move", "create.after-move",
    ]

    /// Arms a place until `disarm`.
    /// - Precondition: `name` is one of `names`: a misspelt failpoint would test nothing.
    public static func arm(_ name: String, _ action: Action) {
        precondition(names.contains(name), "there is no failpoint '\(name)'")
        switch action {
        case .crash:
            Failpoint.set(name) {
                kill(ProcessInfo.processInfo.processIdentifier, SIGKILL)
                // The signal is on its way; nothing more may happen here.
                while true { sleep(1) }
            }
        case .run(let body): Failpoint.set(name, body)
        }
    }

    /// Takes an action away.
    public static func disarm(_ name: String) { Failpoint.set(name, nil) }

    /// Arms a place while `body` runs.
    public static func withArmed<R>(
        _ name: String, _ action: Action, _ body: () throws -> R
    ) rethrows -> R {
        arm(name, action)
        defer { disarm(name) }
        return try body()
    }
}
