internal import Annals
public import EventModel
public import ProjectionEngine

/// Checks that a projection is a function of its events: at every version, builds with different
/// batch sizes give the same content.
///
/// - Parameters:
///   - folder: The folder with `projection.yaml`.
///   - events: The events to build from; the seeds come before them.
///   - batchSizes: Events of one transaction, for each build; at least two sizes.
/// - Returns: the digest at each version, ascending.
/// - Throws: `NOT_DETERMINISTIC` with the version and the two digests; `EVENT_REFUSED`; what is wrong
///   with the definition.
@discardableResult
public func checkDeterminism(
    folder: String, events: [Event], batchSizes: [Int] = [1, 7, 16_384]
) throws(AnnalsError) -> [(version: Int, digest: String)] {
    try checkDeterminism(try .load(folder: folder), events: events, batchSizes: batchSizes)
}

/// The same for a definition that is loaded already.
@discardableResult
public func checkDeterminism(
    _ definition: ProjectionDefinition, events: [Event], batchSizes: [Int] = [1, 7, 16_384]
) throws(AnnalsError) -> [(version: Int, digest: String)] {
    precondition(batchSizes.count >= 2, "one build alone shows nothing")
    try definition.check()
    let build = try ScenarioBuild(
        definition, seedsOf: definition.migrations.map(\.number), events,
        at: Timestamp(milliseconds: 1_767_225_600_000))
    // Optional modules too: what a store may enable must be deterministic.
    let modules = Set(definition.modules.map(\.name))
    var digests: [(version: Int, digest: String)] = []
    for version in definition.migrations.map(\.number) {
        let versions = definition.versionSet(upTo: version, enabledModules: modules)
        var first: (size: Int, digest: String)?
        for size in batchSizes {
            let digest = try build.file(versions: versions, batchEvents: size).digest
            if let first, first.digest != digest {
                throw AnnalsError(
                    .invalid, "NOT_DETERMINISTIC",
                    "At version \(version), batches of \(first.size) events give \(first.digest), "
                        + "batches of \(size) give \(digest).",
                    hint:
                        "Look for rows whose order or number depends on something but the events.",
                    context: .init(projection: definition.name, migration: version))
            }
            first = first ?? (size, digest)
        }
        digests.append((version, first?.digest ?? ""))
    }
    return digests
}
