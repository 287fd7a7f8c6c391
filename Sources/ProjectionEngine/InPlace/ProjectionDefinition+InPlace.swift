public import EventModel
import SQLite

extension ProjectionDefinition {
    /// Whether a copy of a file of one version set can be turned into one of another, equal to a
    /// replay at it, by running Ups and feeding the new handlers alone, or by running Downs.
    ///
    /// That is so when the two sides share nothing: the migrations make new tables, indexes and
    /// triggers on them, and views; their handlers touch only those; nobody else touches them. It is
    /// decided on databases in memory, without an event, by the programs that SQLite compiles.
    ///
    /// - Precondition: `check()` accepts the definition; refused events stop a replay, and none were
    ///   put aside: a handler that is refused takes the rows of all handlers of its event along.
    /// - Throws: what SQLite says when the machine is to blame, and the errors of `check()`.
    /// - Complexity: a few milliseconds; each statement of the definition is compiled once or twice.
    public func inPlace(from: [Int], to: [Int]) throws(AnnalsError) -> InPlaceVerdict {
        let (older, newer) = from.count < to.count ? (from, to) : (to, from)
        guard older.count < newer.count, Set(older).isSubset(of: newer) else {
            return .unproven(because: "migrations come and go at once")
        }
        let changed = migrations(in: newer.filter { !older.contains($0) })
        if let reason = reasonInSections(of: changed, older, newer) {
            return .unproven(because: reason)
        }
        let proof = try InPlaceProof(self, older: older, newer: newer, changed: changed)
        let isForward = older == from
        if let reason = try proof.reason(withDowns: !isForward) {
            return .unproven(because: reason)
        }
        let numbers = Set(changed.map(\.number))
        let types = handlers(in: newer).filter { numbers.contains($0.number) }.map(\.eventType)
        return .equal(
            InPlaceChange(
                from: from, to: to, added: isForward ? changed : [],
                removed: isForward ? [] : changed.reversed(),
                eventTypes: isForward ? Set(types).sorted() : [], tables: proof.relations))
    }

    /// What the migrations' sections alone tell against it.
    private func reasonInSections(
        of changed: [Migration], _ older: [Int], _ newer: [Int]
    ) -> String? {
        for migration in changed {
            if let seed = migration.seeds.first {
                return "\(migration.fullName) has a seed (\(seed.type))"
            }
            if let upcast = migration.upcasts.first {
                return "\(migration.fullName) upcasts \(upcast.eventType)"
            }
            if let off = migration.offs.first {
                return "\(migration.fullName) removes the handler of \(off.eventType)"
            }
        }
        let now = handlers(in: newer)
        for handler in handlers(in: older) where !now.contains(handler) {
            return "the handler of \(handler.eventType) is another one "
                + "(\(handler.section.file):\(handler.section.firstLine))"
        }
        return nil
    }
}
