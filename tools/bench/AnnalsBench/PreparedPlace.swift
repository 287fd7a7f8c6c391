import Dispatch
import LogStorage
import Synchronization

/// Room for one append that is prepared on one thread and committed on another.
final class PreparedPlace: Sendable {
    private let isFree = DispatchSemaphore(value: 1)
    private let isFull = DispatchSemaphore(value: 0)
    private let content = Mutex<Result<PreparedAppend, any Error>?>(nil)

    /// Waits until the place is free, and prepares an append into it.
    func put(_ prepare: () throws -> PreparedAppend) {
        isFree.wait()
        let result = Result { try prepare() }
        content.withLock { $0 = result }
        isFull.signal()
    }

    /// Waits for the append and takes it out.
    func take() throws -> PreparedAppend {
        isFull.wait()
        let result = content.withLock { $0.take() }
        isFree.signal()
        guard let result else { preconditionFailure("a full place holds an append") }
        return try result.get()
    }
}
