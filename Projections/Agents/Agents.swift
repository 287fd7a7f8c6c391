public import EventModel
public import ProjectionEngine

/// The projection `agents`: sessions of AI agents, their messages, tool calls and questions.
public enum Agents {
    /// The manifest's bytes.
    package static let manifest = PackageResources.projection_yaml

    /// The migrations' file names and bytes, as the folder has them.
    package static let files: [(name: String, bytes: [UInt8])] = [
        ("001_agent_sessions.sql", PackageResources._01_agent_sessions_sql),
        ("002_agent_messages.sql", PackageResources._02_agent_messages_sql),
        ("003_agent_tool_calls.sql", PackageResources._03_agent_tool_calls_sql),
        ("004_requirements_questions.sql", PackageResources._04_requirements_questions_sql),
        ("005_project_settings.sql", PackageResources._05_project_settings_sql),
    ]

    /// The definition, read from what is embedded in the program.
    /// - Throws: what is wrong with it, with file, line and column.
    public static func definition() throws(AnnalsError) -> ProjectionDefinition {
        try ProjectionDefinition.load(
            manifest: ("Agents/projection.yaml", manifest), files: files)
    }
}
