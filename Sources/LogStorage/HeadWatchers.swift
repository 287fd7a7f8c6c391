internal import Synchronization

/// Those who wait for the head to move: woken by appends of this process.
final class HeadWatchers: Sendable {
    private struct State {
        var wakeCount: UInt64 = 0
        var nextKey: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// How often everyone was woken; looked at before the log is read, so that an append between the
    /// look and the wait is not waited for.
    var wakeCount: UInt64 { state.withLock { $0.wakeCount } }

    /// Wakes everyone.
    func wake() {
        let woken = state.withLock { state in
            state.wakeCount += 1
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in woken.values { continuation.resume() }
    }

    /// Waits for a wake after those that the caller knows of, but at most `milliseconds`; returns at
    /// once when cancelled.
    ///
    /// Other processes wake nobody here, so the time is the interval at which their appends are seen.
    func wait(after known: UInt64, atMostMilliseconds milliseconds: Int) async {
        let key = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        let timer = Task { [self] in
            do {
                try await Task.sleep(for: .milliseconds(milliseconds))
            } catch {
                // Cancelled: somebody else woke the waiter.
                return
            }
            take(key)?.resume()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = state.withLock { state in
                    guard state.wakeCount == known, !Task.isCancelled else { return true }
                    state.waiting[key] = continuation
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            take(key)?.resume()
        }
        timer.cancel()
    }

    private func take(_ key: UInt64) -> CheckedContinuation<Void, Never>? {
        state.withLock { $0.waiting.removeValue(forKey: key) }
    }
}
