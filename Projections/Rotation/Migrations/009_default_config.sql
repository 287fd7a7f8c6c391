-- Migration: 009_default_config
-- Description: The one configuration of programs that know no others
-- Module: rotation
-- Depends: 003

-- Up
-- The active configuration of no group, in the shape of a table with one row.
CREATE VIEW rotation_config AS
SELECT
    1 AS id,
    c.strategy,
    json_extract(c.common_config, '$.interval') AS interval_ms,
    json_extract(c.common_config, '$.maxRequestsPerProxy') AS max_requests_per_proxy,
    json_extract(c.common_config, '$.failureThreshold') AS failure_threshold,
    c.strategy_config AS config_json,
    strftime('%Y-%m-%d %H:%M:%S', c.updated_at / 1000.0, 'unixepoch') AS updated_at
FROM rotation_configs AS c
WHERE c.is_active = 1 AND coalesce(c.target_group, '') = '';

-- On rotation_config.default_changed
-- Where no configuration of no group is active, the reserved one is made and becomes it.
INSERT INTO rotation_configs (id, name, strategy, created_at, updated_at)
SELECT 'default', 'Default', 'round-robin', coalesce($at, @time), coalesce($at, @time)
WHERE NOT EXISTS (
    SELECT 1
    FROM rotation_configs AS a
    WHERE a.is_active = 1 AND coalesce(a.target_group, '') = ''
)
ON CONFLICT (id) DO NOTHING;

UPDATE rotation_configs
SET is_active = 1
WHERE
    id = 'default'
    AND NOT EXISTS (
        SELECT 1
        FROM rotation_configs AS a
        WHERE a.is_active = 1 AND coalesce(a.target_group, '') = ''
    );

-- The keys are written in their order, so that the same settings are the same text.
UPDATE rotation_configs
SET
    strategy = coalesce($strategy, strategy),
    common_config = (
        SELECT json_group_object(k.key, json(k.setting))
        FROM (
            SELECT
                e.key,
                e.json -> e.fullkey AS setting
            FROM json_each(
                json_patch(
                    rotation_configs.common_config,
                    (
                        SELECT json_group_object(g.column1, g.column2)
                        FROM (
                            VALUES ('interval', $interval_ms),
                            ('maxRequestsPerProxy', $max_requests_per_proxy),
                            ('failureThreshold', $failure_threshold)
                        ) AS g
                        WHERE g.column2 IS NOT NULL
                    )
                )
            ) AS e
            ORDER BY e.key
        ) AS k
    ),
    strategy_config = coalesce(json($config), strategy_config),
    updated_at = coalesce($at, @time)
WHERE is_active = 1 AND coalesce(target_group, '') = '';

-- Down: replay
-- The event also changes rows that the older version has, and only the log knows what they were.
