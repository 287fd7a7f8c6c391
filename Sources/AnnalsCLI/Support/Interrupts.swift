internal import Dispatch
internal import Foundation
internal import Synchronization

/// Turns the first interrupt into the cancellation of the program's work, which goes on to its next
/// safe point; the second interrupt ends the program at once, as everywhere.
final class Interrupts: Sendable {
    private struct State {
        var cancel: (@Sendable () -> Void)?
        var sources: [any DispatchSourceSignal] = []
    }

    private let state = Mutex(State())

    /// Says what is to be cancelled.
    func cancels(_ task: Task<Int32, Never>) {
        state.withLock { $0.cancel = { task.cancel() } }
    }

    /// Begins to listen; until then an interrupt ends the program at once.
    func arm() {
        state.withLock { state in
            guard state.sources.isEmpty else { return }
            for number in [SIGINT, SIGTERM] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number)
                source.setEventHandler { [weak self] in self?.first() }
                source.resume()
                state.sources.append(source)
            }
        }
    }

    private func first() {
        let cancel = state.withLock { state in
            for source in state.sources { source.cancel() }
            for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
            return state.cancel
        }
        writeToStandardError(
            "\nannals: stopping at the next safe point; interrupt again to stop at once\n")
        cancel?()
    }
}
