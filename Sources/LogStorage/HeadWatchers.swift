internal import Synchronization

/// Those who wait for the head to move: woken by appends of this process.
final class HeadWatchers: Sendable {
    private let waiting = Mutex<[UInt64: CheckedContinuation<Void, Never>]>([:])
    private let nextKey = Atomic<UInt64>(0)

    /// Wakes everyone.
    func wake() {
        let woken = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting
        }
        for continuation in woken.values { continuation.resume() }
    }

    /// Waits until the next wake, but at most `milliseconds`; returns at once when cancelled.
    ///
    /// Other processes wake nobody here, so the time is the interval at which their appends are seen.
    func wait(atMostMilliseconds milliseconds: Int) async {
        let key = nextKey.add(1, ordering: .relaxed).newValue
        let timer = Task { [self] in
            try? await Task.sleep(for: .milliseconds(milliseconds))
            take(key)?.resume()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0[key] = continuation }
                if Task.isCancelled { take(key)?.resume() }
            }
        } onCancel: {
            take(key)?.resume()
        }
        timer.cancel()
    }

    private func take(_ key: UInt64) -> CheckedContinuation<Void, Never>? {
        waiting.withLock { $0.removeValue(forKey: key) }
    }
}
