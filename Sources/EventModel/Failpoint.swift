internal import Synchronization

/// Named places at which a test may stop a program, to see that a crash there loses nothing.
///
/// Nothing happens at a failpoint unless a test set an action; then the check is one atomic load.
public enum Failpoint {
    private static let isArmed = Atomic<Bool>(false)
    private static let actions = Mutex<[String: @Sendable () -> Void]>([:])

    /// Runs an action whenever the named place is reached; `nil` takes it away.
    public static func set(_ name: String, _ action: (@Sendable () -> Void)?) {
        actions.withLock { actions in
            actions[name] = action
            isArmed.store(!actions.isEmpty, ordering: .releasing)
        }
    }

    /// Marks a place.
    @inline(__always)
    public static func reach(_ name: StaticString) {
        if isArmed.load(ordering: .acquiring) { run(name.description) }
    }

    private static func run(_ name: String) {
        let action = actions.withLock { $0[name] }
        action?()
    }
}
