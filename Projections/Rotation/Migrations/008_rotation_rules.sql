-- Migration: 008_rotation_rules
-- Description: Rules that choose, exclude or keep a proxy; of one configuration, or of all
-- Module: rotation
-- Depends: 003

-- Up
-- A rule without a configuration is a global one: it counts for each of them.
CREATE TABLE proxy_rotation_rules (
    id TEXT NOT NULL PRIMARY KEY,
    config_id TEXT REFERENCES rotation_configs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    priority INTEGER DEFAULT 0,
    conditions TEXT NOT NULL DEFAULT '[]',
    condition_logic TEXT DEFAULT 'AND' CHECK (condition_logic IN ('AND', 'OR')),
    actions TEXT NOT NULL DEFAULT '[]',
    stop_on_match INTEGER DEFAULT 1 CHECK (stop_on_match IN (0, 1)),
    enabled INTEGER DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at INTEGER,
    updated_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_rules_config ON proxy_rotation_rules (config_id);
CREATE INDEX idx_rules_priority ON proxy_rotation_rules (priority DESC);
CREATE INDEX idx_rules_enabled ON proxy_rotation_rules (enabled);

-- The shape of programs that know global rules only.
CREATE VIEW rotation_rules AS
SELECT
    r.id,
    r.name,
    r.priority,
    r.conditions AS conditions_json,
    r.condition_logic,
    r.actions AS actions_json,
    r.stop_on_match,
    r.enabled,
    strftime('%Y-%m-%d %H:%M:%S', r.created_at / 1000.0, 'unixepoch') AS created_at
FROM proxy_rotation_rules AS r
WHERE r.config_id IS NULL;

-- On rotation_rule.created
INSERT INTO proxy_rotation_rules (
    id, config_id, name, description, priority, conditions, condition_logic, actions,
    stop_on_match, enabled, created_at, updated_at
)
VALUES (
    $rule_id, $config_id, $name, $description, coalesce($priority, 0),
    coalesce(json($conditions), '[]'), coalesce($condition_logic, 'AND'),
    coalesce(json($actions), '[]'), coalesce($stop_on_match, 1), coalesce($enabled, 1),
    coalesce($at, @time), coalesce($at, @time)
);

-- On rotation_rule.updated
-- A field that is absent from `changed` stays; an explicit null clears it.
UPDATE proxy_rotation_rules
SET
    name = iif(json_type($changed, '$.name') IS NULL, name, $changed ->> '$.name'),
    description = iif(
        json_type($changed, '$.description') IS NULL, description, $changed ->> '$.description'
    ),
    priority = iif(
        json_type($changed, '$.priority') IS NULL, priority, $changed ->> '$.priority'
    ),
    conditions = iif(
        json_type($changed, '$.conditions') IS NULL, conditions, $changed ->> '$.conditions'
    ),
    condition_logic = iif(
        json_type($changed, '$.condition_logic') IS NULL,
        condition_logic,
        $changed ->> '$.condition_logic'
    ),
    actions = iif(json_type($changed, '$.actions') IS NULL, actions, $changed ->> '$.actions'),
    stop_on_match = iif(
        json_type($changed, '$.stop_on_match') IS NULL,
        stop_on_match,
        $changed ->> '$.stop_on_match'
    ),
    enabled = iif(json_type($changed, '$.enabled') IS NULL, enabled, $changed ->> '$.enabled'),
    updated_at = coalesce($at, @time)
WHERE id = $rule_id;

-- On rotation_rule.enabled_changed
UPDATE proxy_rotation_rules
SET enabled = $enabled, updated_at = coalesce($at, @time)
WHERE id = $rule_id;

-- On rotation_rules.reordered
-- Only rules of the configuration named move; with none named, the global ones.
UPDATE proxy_rotation_rules
SET priority = p.value ->> '$.priority', updated_at = coalesce($at, @time)
FROM json_each($priorities) AS p
WHERE
    proxy_rotation_rules.id = p.value ->> '$.rule_id'
    AND proxy_rotation_rules.config_id IS $config_id;

-- On rotation_rule.deleted
DELETE FROM proxy_rotation_rules
WHERE id IN (SELECT d.value FROM json_each($rule_ids) AS d);

-- On proxy_rotation_rules.adopted
INSERT INTO proxy_rotation_rules (
    id, config_id, name, description, priority, conditions, condition_logic, actions, stop_on_match,
    enabled, created_at, updated_at
)
VALUES (
    $id, $config_id, $name, $description, $priority, $conditions, $condition_logic, $actions,
    $stop_on_match, $enabled, $created_at, $updated_at
);

-- Down
DROP VIEW rotation_rules;
DROP TABLE proxy_rotation_rules;
