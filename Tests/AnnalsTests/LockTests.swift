import AnnalsTesting
import EventModel
import Foundation
import LogStorage
import Synchronization
import Testing

@testable import Annals

@Suite("Waiting for locks", .serialized)
struct LockTests {
    /// LMDB's own lock is waited for without an end: the append stood as long as the writer did.
    @Test("A write behind a process that was stopped while it wrote ends, and names that process")
    func stoppedWriter() throws {
        let stock = try StockStore()
        let go = "\(stock.projections.path)/go"
        let path = stock.path
        stock.temporary.close()
        let driver = try DriverProcess(
            path, "unchecked", ["x", "1", "1"], failpoint: "log.written=pause:\(go)")
        #expect(driver.line() == "paused")
        kill(driver.identifier, SIGSTOP)
        var options = EventStore.Options()
        options.writeTimeoutSeconds = 0.2
        do {
            let store = try EventStore(at: path, options: options)
            let head = try store.log.head()
            for _ in 0..<2 {
                let start = ContinuousClock.now
                let error = refusal {
                    try store.log.appendAndWait(PreparedAppend([Stock.added("late")]))
                }
                #expect(error?.code == "WRITER_BUSY" && error?.kind == .unavailable)
                #expect(
                    error?.message.contains("\(driver.identifier)") == true,
                    "\(error?.message ?? "")")
                #expect(ContinuousClock.now - start < .seconds(10))
            }
            #expect(try store.log.head() == head, "reading goes on")
            kill(driver.identifier, SIGCONT)
            try raise(go)
            #expect(driver.finish().isClean)
            // Nothing of those who gave up is in the way of the next.
            for name in ["a", "b", "c"] {
                _ = try store.appendAndWait([Stock.added(name)])
            }
            #expect(try store.log.head().value == head.value + 4)
        }
        let again = try DriverProcess(path, "unchecked", ["y", "3", "1"])
        #expect(again.finish().isClean)
    }

    @Test("A killed process leaves no lock behind")
    func killedWriter() throws {
        let stock = try StockStore()
        let path = stock.path
        stock.temporary.close()
        let end = try DriverProcess(
            path, "unchecked", ["x", "1", "1"], failpoint: "log.written=crash"
        ).finish()
        #expect(!end.isClean)
        let store = try stock.temporary.reopen()
        _ = try store.appendAndWait([Stock.added("a")])
        #expect(try store.log.position(ofID: "x-0") == nil, "it was not committed")
    }

    /// Who asked twenty milliseconds apart rarely met a moment between two others.
    @Test("Who waits for the store's lock gets it although others take it again and again")
    func noStarvation() throws {
        let folder = try TemporaryFolder()
        let files = StoreFiles(root: folder.path)
        let now = EventStore.systemClock()
        let isDone = Atomic(false)
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<2 {
            Thread.detachNewThread {
                while !isDone.load(ordering: .relaxed) {
                    guard let lock = try? StoreLock(files, timeoutSeconds: 60, now: now) else {
                        break
                    }
                    withExtendedLifetime(lock) { Thread.sleep(forTimeInterval: 0.004) }
                }
                ended.signal()
            }
        }
        var got = 0
        for _ in 0..<20 where (try? StoreLock(files, timeoutSeconds: 1, now: now)) != nil {
            got += 1
        }
        isDone.store(true, ordering: .relaxed)
        for _ in 0..<2 { ended.wait() }
        #expect(got == 20)
        let last = try StoreLock(files, timeoutSeconds: 0, now: now)
        #expect(refusal { try StoreLock(files, timeoutSeconds: 0, now: now) }?.code == "LOCKED")
        #expect(refusal { try StoreLock(files, timeoutSeconds: 0.05, now: now) }?.code == "LOCKED")
        withExtendedLifetime(last) {}
    }
}
