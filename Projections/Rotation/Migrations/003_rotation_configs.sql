-- Migration: 003_rotation_configs
-- Description: How a group of proxies is rotated, one active configuration a group
-- Module: rotation
-- Depends: 001

-- Up
CREATE TABLE rotation_configs (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    strategy TEXT NOT NULL CHECK (
        strategy IN (
            'round-robin', 'random', 'least-used', 'fastest', 'failure-aware', 'weighted',
            'geographic', 'sticky-session', 'time-based', 'custom', 'custom-rules'
        )
    ),
    is_active INTEGER DEFAULT 0 CHECK (is_active IN (0, 1)),
    common_config TEXT DEFAULT '{}',
    strategy_config TEXT DEFAULT '{}',
    target_group TEXT,
    priority INTEGER DEFAULT 0,
    enabled INTEGER DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at INTEGER,
    updated_at INTEGER,
    created_by TEXT
) STRICT, WITHOUT ROWID;

-- Without coalesce the configurations of no group would escape: NULL equals nothing.
CREATE UNIQUE INDEX idx_rotation_configs_active
ON rotation_configs (coalesce(target_group, ''))
WHERE is_active = 1;
CREATE INDEX idx_rotation_configs_strategy ON rotation_configs (strategy);
CREATE INDEX idx_rotation_configs_enabled ON rotation_configs (enabled);
CREATE INDEX idx_rotation_configs_target_group ON rotation_configs (target_group);

-- On rotation_config.created
INSERT INTO rotation_configs (
    id, name, description, strategy, common_config, strategy_config, target_group, priority,
    enabled, created_at, updated_at, created_by
)
VALUES (
    $config_id, $name, $description, $strategy, coalesce(json($common_config), '{}'),
    coalesce(json($strategy_config), '{}'), $target_group, coalesce($priority, 0),
    coalesce($enabled, 1), coalesce($at, @time), coalesce($at, @time), $created_by
);

-- On rotation_config.updated
UPDATE rotation_configs
SET
    name = iif(json_type($changed, '$.name') IS NULL, name, $changed ->> '$.name'),
    description = iif(
        json_type($changed, '$.description') IS NULL, description, $changed ->> '$.description'
    ),
    strategy = iif(
        json_type($changed, '$.strategy') IS NULL, strategy, $changed ->> '$.strategy'
    ),
    common_config = iif(
        json_type($changed, '$.common_config') IS NULL,
        common_config,
        $changed ->> '$.common_config'
    ),
    strategy_config = iif(
        json_type($changed, '$.strategy_config') IS NULL,
        strategy_config,
        $changed ->> '$.strategy_config'
    ),
    target_group = iif(
        json_type($changed, '$.target_group') IS NULL, target_group, $changed ->> '$.target_group'
    ),
    priority = iif(
        json_type($changed, '$.priority') IS NULL, priority, $changed ->> '$.priority'
    ),
    enabled = iif(json_type($changed, '$.enabled') IS NULL, enabled, $changed ->> '$.enabled'),
    updated_at = coalesce($at, @time)
WHERE id = $config_id;

-- On rotation_config.activated
-- The others step down first: two active configurations of a group never exist, not even here.
UPDATE rotation_configs
SET is_active = 0, updated_at = coalesce($at, @time)
WHERE
    is_active = 1
    AND id <> $config_id
    AND coalesce(target_group, '') = (
        SELECT coalesce(c.target_group, '') FROM rotation_configs AS c WHERE c.id = $config_id
    );

UPDATE rotation_configs
SET is_active = 1, updated_at = coalesce($at, @time)
WHERE id = $config_id;

-- On rotation_config.deactivated
UPDATE rotation_configs
SET is_active = 0, updated_at = coalesce($at, @time)
WHERE id = $config_id;

-- On rotation_config.deleted
DELETE FROM rotation_configs
WHERE id = $config_id;

-- On rotation_configs.adopted
INSERT INTO rotation_configs (
    id, name, description, strategy, is_active, common_config, strategy_config, target_group,
    priority, enabled, created_at, updated_at, created_by
)
VALUES (
    $id, $name, $description, $strategy, $is_active, $common_config, $strategy_config,
    $target_group, $priority, $enabled, $created_at, $updated_at, $created_by
);

-- Down
DROP TABLE rotation_configs;
