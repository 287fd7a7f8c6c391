internal import Dispatch
internal import Glibc
internal import Synchronization

/// The kernel's lock on an open file, which can be waited for with an end.
///
/// Those who wait are queued by the kernel, and the lock ends with its process, however that ends. One
/// call of `take` at a time.
package final class FileLock: Sendable {
    /// Somebody of this process who waits.
    private final class Wait: Sendable {
        let granted = DispatchSemaphore(value: 0)
    }

    private struct State {
        /// A thread waits in the kernel, which cannot be called off.
        var isAsked = false
        var wait: Wait?
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "annals.file-lock")

    /// Locks through an open file; the lock belongs to all descriptors that were made from that one.
    ///
    /// - Parameter descriptor: may be closed before the lock is given up.
    package init(descriptor: Int32) {
        // A thread that waits outlives those who gave up, so it has a descriptor of its own.
        self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Takes the lock.
    ///
    /// - Parameter seconds: how long to wait at most; 0 to try once.
    /// - Returns: whether the lock was obtained.
    package func take(withinSeconds seconds: Double) -> Bool {
        let wait = Wait()
        let isTaken = state.withLock { state in
            // A thread that still waits for those who gave up hands over what it gets.
            if !state.isAsked, flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard seconds > 0 else { return false }
            state.wait = wait
            if !state.isAsked {
                state.isAsked = true
                queue.async { self.ask() }
            }
            return false
        }
        if isTaken { return true }
        guard seconds > 0 else { return false }
        let milliseconds = Int(min(seconds * 1_000, 1e12).rounded(.up))
        if wait.granted.wait(timeout: .now() + .milliseconds(milliseconds)) == .success {
            return true
        }
        return state.withLock { state in
            // Nobody waits any more: it was granted at the last moment.
            if state.wait !== wait { return true }
            state.wait = nil
            return false
        }
    }

    /// Gives the lock back.
    package func give() { flock(descriptor, LOCK_UN) }

    /// Waits in the kernel for as long as it takes, and hands the lock over.
    private func ask() {
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
        state.withLock { state in
            state.isAsked = false
            if let wait = state.wait {
                state.wait = nil
                wait.granted.signal()
            } else {
                flock(descriptor, LOCK_UN)
            }
        }
    }
}
