public import Annals
public import EventModel
internal import Foundation
public import ProjectionEngine
internal import Synchronization

/// A store in a folder of its own, for one test; the folder goes with the value.
///
/// ```swift
/// let temporary = try TemporaryStore(.folder("Projections"))
/// _ = try temporary.store.appendAndWait([Event(type: "book.added", …)])
/// ```
public final class TemporaryStore: Sendable {
    /// Where the store's projections come from.
    public enum Projections: Sendable {
        /// Definitions that the program brings along, or that the test has loaded itself.
        case builtIn([ProjectionDefinition])
        /// A folder with projection folders in it, as `annals init --projections` takes it.
        case folder(String)
    }

    private let folder: TemporaryFolder
    private let options: EventStore.Options
    private let opened: Mutex<EventStore?>
    /// The clock that gives the times of recording.
    public let clock: TestClock

    /// Makes a store.
    ///
    /// - Parameters:
    ///   - projections: Where the projections come from; none by default.
    ///   - migrates: Whether every pending migration is applied at once.
    ///   - clock: The store's clock.
    ///   - change: May change the options before the store is made.
    /// - Throws: What `EventStore.create` throws.
    public init(
        _ projections: Projections = .builtIn([]), migrates: Bool = true,
        clock: TestClock = TestClock(),
        options change: (inout EventStore.Options) -> Void = { _ in }
    ) throws(AnnalsError) {
        var options = EventStore.Options()
        options.clock = clock.reading
        var path: String?
        switch projections {
        case .builtIn(let definitions): options.builtIn = definitions
        case .folder(let folder): path = folder
        }
        change(&options)
        folder = try TemporaryFolder()
        self.clock = clock
        self.options = options
        var first = options
        first.migrates = migrates
        opened = Mutex(
            try EventStore.create(
                at: "\(folder.path)/store", projectionsFolder: path, options: first))
    }

    /// The store's folder.
    public var path: String { "\(folder.path)/store" }

    /// The store.
    /// - Precondition: It is open: `close` was not called, or `reopen` was called after it.
    public var store: EventStore {
        guard let store = opened.withLock({ $0 }) else {
            preconditionFailure("the temporary store is closed; call reopen()")
        }
        return store
    }

    /// Lets go of the store, so that other processes or a `reopen` see it as after a program's end.
    ///
    /// It is closed when nobody else holds it.
    public func close() { opened.withLock { $0 = nil } }

    /// Closes the store and opens it again, as the next program would.
    ///
    /// - Parameter change: May change the options of this opening.
    /// - Throws: What opening throws; `STORE_ALREADY_OPEN` when the test still holds the old store.
    @discardableResult
    public func reopen(
        options change: (inout EventStore.Options) -> Void = { _ in }
    ) throws(AnnalsError) -> EventStore {
        close()
        var options = options
        change(&options)
        var tries = 0
        while true {
            do throws(AnnalsError) {
                let store = try EventStore(at: path, options: options)
                opened.withLock { $0 = store }
                return store
            } catch {
                // A task or queue that has just answered may hold the old store a moment longer.
                guard error.code == "STORE_ALREADY_OPEN", tries < Self.triesMax else { throw error }
                tries += 1
                Thread.sleep(forTimeInterval: 0.005)
            }
        }
    }

    /// Times that `reopen` waits 5 ms for the old store to go.
    private static let triesMax = 200
}
