internal import AgentsProjection
public import EventModel
public import ProjectionEngine
internal import RotationProjection
internal import UsageProjection

/// The projections that ship inside the program: the only place that names every one of them.
public enum BuiltInProjections {
    /// Their definitions, by name.
    /// - Throws: what is wrong with one of them, with file, line and column.
    public static func definitions() throws(AnnalsError) -> [ProjectionDefinition] {
        [try Agents.definition(), try Rotation.definition(), try Usage.definition()]
    }
}
