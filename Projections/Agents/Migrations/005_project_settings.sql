-- Migration: 005_project_settings
-- Description: Settings that the settings agent asks for, and their values
-- Module: settings
-- Depends: 001, 003

-- Up
CREATE TABLE project_settings (
    id INTEGER NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES agent_sessions (id) ON DELETE CASCADE,
    tool_call_id INTEGER REFERENCES agent_tool_calls (id) ON DELETE CASCADE,
    setting_key TEXT NOT NULL,
    setting_name TEXT NOT NULL,
    description TEXT,
    setting_type TEXT NOT NULL DEFAULT 'text',
    setting_value TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_project_settings_session ON project_settings (session_id);
CREATE INDEX idx_project_settings_key ON project_settings (setting_key);
-- The deletion of a tool call looks here for its settings.
CREATE INDEX idx_project_settings_call ON project_settings (tool_call_id);

-- On agent_settings.requested
INSERT INTO project_settings (
    id, session_id, tool_call_id, setting_key, setting_name, description, setting_type, created_at
)
SELECT
    s.value ->> '$.setting_id',
    $session_id,
    $call_id,
    s.value ->> '$.setting_key',
    s.value ->> '$.setting_name',
    s.value ->> '$.description',
    coalesce(s.value ->> '$.setting_type', 'text'),
    coalesce($at, @time)
FROM json_each($settings) AS s;

-- On agent_settings.values_recorded
UPDATE project_settings
SET setting_value = v.value, updated_at = coalesce($at, @time)
FROM json_each($values) AS v
WHERE
    project_settings.session_id = $session_id
    AND project_settings.setting_key = v.key;

-- On project_settings.adopted
INSERT INTO project_settings (
    id, session_id, tool_call_id, setting_key, setting_name, description, setting_type,
    setting_value, created_at, updated_at
)
VALUES (
    $id, $session_id, $tool_call_id, $setting_key, $setting_name, $description, $setting_type,
    $setting_value, $created_at, $updated_at
);

-- Down
DROP TABLE project_settings;
