-- Migration: 002_usage_tracking
-- Description: The active usage configuration and snapshots of a session's usage
-- Module: usage
-- Depends: 001

-- Up
CREATE TABLE usage_config (
    id INTEGER NOT NULL PRIMARY KEY,
    plan TEXT NOT NULL DEFAULT 'custom' CHECK (plan IN ('pro', 'max5', 'max20', 'custom')),
    custom_limit_tokens INTEGER CHECK (custom_limit_tokens IS NULL OR custom_limit_tokens > 0),
    view TEXT NOT NULL DEFAULT 'realtime' CHECK (
        view IN ('realtime', 'daily', 'monthly', 'session')
    ),
    timezone TEXT NOT NULL DEFAULT 'auto',
    time_format TEXT NOT NULL DEFAULT 'auto' CHECK (time_format IN ('12h', '24h', 'auto')),
    theme TEXT NOT NULL DEFAULT 'auto' CHECK (theme IN ('light', 'dark', 'classic', 'auto')),
    refresh_rate INTEGER NOT NULL DEFAULT 10 CHECK (refresh_rate BETWEEN 1 AND 60),
    refresh_per_second REAL NOT NULL DEFAULT 0.75 CHECK (refresh_per_second BETWEEN 0.1 AND 20.0),
    reset_hour INTEGER CHECK (reset_hour IS NULL OR reset_hour BETWEEN 0 AND 23),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Any number of configurations rests; at most one is active.
CREATE UNIQUE INDEX idx_usage_config_active ON usage_config (is_active) WHERE is_active = 1;

CREATE TABLE usage_snapshots (
    id INTEGER NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES hook_sessions (session_id) ON DELETE CASCADE,
    snapshot_data TEXT NOT NULL,
    snapshot_type TEXT NOT NULL DEFAULT 'stats' CHECK (
        snapshot_type IN ('stats', 'config', 'session')
    ),
    timestamp INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_usage_snapshots_session_id ON usage_snapshots (session_id, timestamp);
CREATE INDEX idx_usage_snapshots_timestamp ON usage_snapshots (timestamp);
CREATE INDEX idx_usage_snapshots_type ON usage_snapshots (snapshot_type);

-- The default row is an event, appended once in a store's life: back and forth over this
-- migration gives exactly one, with whatever was changed in it since.
-- Seed usage_config.created usage_config/1 seed/usage_config/default
{
    "config_id": 1,
    "plan": "custom",
    "custom_limit_tokens": null,
    "view": "realtime",
    "timezone": "auto",
    "time_format": "auto",
    "theme": "auto",
    "refresh_rate": 10,
    "refresh_per_second": 0.75,
    "reset_hour": null,
    "is_active": true
}

-- On usage_config.created
INSERT INTO usage_config (
    id, plan, custom_limit_tokens, view, timezone, time_format, theme, refresh_rate,
    refresh_per_second, reset_hour, created_at, updated_at, is_active
)
VALUES (
    $config_id, coalesce($plan, 'custom'), $custom_limit_tokens, coalesce($view, 'realtime'),
    coalesce($timezone, 'auto'), coalesce($time_format, 'auto'), coalesce($theme, 'auto'),
    coalesce($refresh_rate, 10), coalesce($refresh_per_second, 0.75), $reset_hour,
    coalesce($at, @time), coalesce($at, @time), coalesce($is_active, 1)
);

-- On usage_config.updated
-- A field that is absent from `changed` stays; an explicit null clears it.
UPDATE usage_config
SET
    plan = iif(json_type($changed, '$.plan') IS NULL, plan, $changed ->> '$.plan'),
    custom_limit_tokens = iif(
        json_type($changed, '$.custom_limit_tokens') IS NULL,
        custom_limit_tokens,
        $changed ->> '$.custom_limit_tokens'
    ),
    view = iif(json_type($changed, '$.view') IS NULL, view, $changed ->> '$.view'),
    timezone = iif(
        json_type($changed, '$.timezone') IS NULL, timezone, $changed ->> '$.timezone'
    ),
    time_format = iif(
        json_type($changed, '$.time_format') IS NULL, time_format, $changed ->> '$.time_format'
    ),
    theme = iif(json_type($changed, '$.theme') IS NULL, theme, $changed ->> '$.theme'),
    refresh_rate = iif(
        json_type($changed, '$.refresh_rate') IS NULL, refresh_rate, $changed ->> '$.refresh_rate'
    ),
    refresh_per_second = iif(
        json_type($changed, '$.refresh_per_second') IS NULL,
        refresh_per_second,
        $changed ->> '$.refresh_per_second'
    ),
    reset_hour = iif(
        json_type($changed, '$.reset_hour') IS NULL, reset_hour, $changed ->> '$.reset_hour'
    ),
    updated_at = coalesce($at, @time)
WHERE id = $config_id;

-- On usage_config.reset
-- The defaults are in the event: a later version may have others without changing the past.
UPDATE usage_config
SET
    plan = $defaults ->> '$.plan',
    custom_limit_tokens = $defaults ->> '$.custom_limit_tokens',
    view = $defaults ->> '$.view',
    timezone = $defaults ->> '$.timezone',
    time_format = $defaults ->> '$.time_format',
    theme = $defaults ->> '$.theme',
    refresh_rate = $defaults ->> '$.refresh_rate',
    refresh_per_second = $defaults ->> '$.refresh_per_second',
    reset_hour = $defaults ->> '$.reset_hour',
    updated_at = coalesce($at, @time)
WHERE id = $config_id;

-- On usage_config.activated
-- The other one steps down first: two active rows never exist, not even here.
UPDATE usage_config
SET is_active = 0, updated_at = coalesce($at, @time)
WHERE is_active = 1 AND id <> $config_id;

UPDATE usage_config
SET is_active = 1, updated_at = coalesce($at, @time)
WHERE id = $config_id;

-- On usage_snapshot.recorded
INSERT INTO usage_snapshots (id, session_id, snapshot_data, snapshot_type, timestamp)
VALUES (
    $snapshot_id, $session_id, $snapshot_data, coalesce($snapshot_type, 'stats'),
    coalesce($timestamp, @time)
);

-- On usage_snapshot.purged
DELETE FROM usage_snapshots
WHERE timestamp < $cutoff;

-- On usage_config.adopted
INSERT INTO usage_config (
    id, "plan", custom_limit_tokens, "view", timezone, time_format, theme, refresh_rate,
    refresh_per_second, reset_hour, created_at, updated_at, is_active
)
VALUES (
    $id, $plan, $custom_limit_tokens, $view, $timezone, $time_format, $theme, $refresh_rate,
    $refresh_per_second, $reset_hour, $created_at, $updated_at, $is_active
);

-- On usage_config.removed
DELETE FROM usage_config
WHERE id = $id;

-- On usage_snapshots.adopted
INSERT INTO usage_snapshots (
    id, session_id, snapshot_data, snapshot_type, timestamp
)
VALUES (
    $id, $session_id, $snapshot_data, $snapshot_type, $timestamp
);

-- Down
DROP TABLE usage_snapshots;
DROP TABLE usage_config;
