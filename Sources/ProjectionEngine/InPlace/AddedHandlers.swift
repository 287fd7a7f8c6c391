public import EventModel
import SQLite

/// The handlers that an in-place change adds, alone: they are fed with the events that the copied file
/// has applied already.
public struct AddedHandlers: ~Copyable {
    private let database: ProjectionDatabase
    private let applier: EventApplier
    private var portion = EventPortion()

    /// Compiles them on a file that `ProjectionDatabase.create(path:copying:…)` made.
    public init(_ change: InPlaceChange, on database: ProjectionDatabase) throws(AnnalsError) {
        self.database = database
        let program = try HandlerProgram(
            database.definition, versions: change.to, on: database.connection,
            onlyOf: Set(change.added.map(\.number)))
        applier = EventApplier(program, on: database.connection, clock: database.clock)
    }

    /// Runs them for one event, in the transaction that is open.
    /// - Throws: `EVENT_REFUSED`, as a replay would; the file is to be removed then.
    public mutating func apply(_ view: borrowing EventView) throws(AnnalsError) {
        precondition(view.position <= database.checkpoint, "later events go to all handlers")
        portion.begin(after: Position(view.position.value - 1))
        portion.add(view, applier.inputs)
        do throws(EventApplier.Failure) {
            for index in portion.entries.indices { try applier.apply(index, of: &portion) }
        } catch {
            throw database.error(error)
        }
    }
}
