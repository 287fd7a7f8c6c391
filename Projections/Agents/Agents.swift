let embedded =
    PackageResources.projection_yaml.count
    + PackageResources._01_agent_sessions_sql.count
    + PackageResources._02_agent_messages_sql.count
    + PackageResources._03_agent_tool_calls_sql.count
    + PackageResources._04_requirements_questions_sql.count
    + PackageResources._05_project_settings_sql.count
