-- Migration: 004_rotation_events
-- Description: The audit of rotations: which proxy followed which, and why
-- Module: rotation
-- Depends: 001, 003

-- Up
-- `seq` is the position in the log: the order of rotations that share a millisecond.
CREATE TABLE rotation_events (
    id TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL UNIQUE,
    timestamp INTEGER NOT NULL,
    config_id TEXT REFERENCES rotation_configs (id) ON DELETE SET NULL,
    previous_proxy_id TEXT REFERENCES proxies (id) ON DELETE SET NULL,
    new_proxy_id TEXT REFERENCES proxies (id) ON DELETE SET NULL,
    reason TEXT NOT NULL CHECK (
        reason IN (
            'scheduled', 'failure', 'manual', 'startup', 'rule_triggered', 'ttl_expired',
            'cooldown', 'rate_limit', 'geographic', 'load_balance', 'health_check',
            'session_expired'
        )
    ),
    domain TEXT,
    url TEXT,
    tab_id TEXT,
    session_id TEXT,
    metadata TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_rotation_events_timestamp ON rotation_events (timestamp DESC, seq DESC);
CREATE INDEX idx_rotation_events_config ON rotation_events (config_id, timestamp DESC);
CREATE INDEX idx_rotation_events_reason ON rotation_events (reason);
-- The removal of a proxy looks here for its rotations, so these two serve the handlers as well.
CREATE INDEX idx_rotation_events_previous ON rotation_events (previous_proxy_id);
CREATE INDEX idx_rotation_events_new ON rotation_events (new_proxy_id);

-- What the next choice of a configuration depends on: the proxy in use, whose turn it is, how often
-- each was chosen. It is not read from the audit, which forgets. An empty id stands for no
-- configuration, so there is no foreign key; the triggers below do its work.
CREATE TABLE rotation_states (
    config_id TEXT NOT NULL PRIMARY KEY,
    proxy_id TEXT REFERENCES proxies (id) ON DELETE SET NULL,
    rotated_at INTEGER NOT NULL,
    next_interval_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_rotation_states_proxy ON rotation_states (proxy_id);

-- Turns taken among all candidates (an empty country) or among those of a country.
CREATE TABLE rotation_turns (
    config_id TEXT NOT NULL,
    country TEXT NOT NULL,
    turns INTEGER NOT NULL,
    PRIMARY KEY (config_id, country)
) STRICT, WITHOUT ROWID;

CREATE TABLE rotation_uses (
    config_id TEXT NOT NULL,
    proxy_id TEXT NOT NULL REFERENCES proxies (id) ON DELETE CASCADE,
    uses INTEGER NOT NULL,
    PRIMARY KEY (config_id, proxy_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_rotation_uses_proxy ON rotation_uses (proxy_id);

-- A configuration that is set begins anew.
CREATE TRIGGER rotation_config_set
AFTER UPDATE OF is_active ON rotation_configs
WHEN new.is_active = 1
BEGIN
DELETE FROM rotation_states WHERE config_id = new.id;
DELETE FROM rotation_turns WHERE config_id = new.id;
DELETE FROM rotation_uses WHERE config_id = new.id;
END;

CREATE TRIGGER rotation_config_gone
AFTER DELETE ON rotation_configs
BEGIN
DELETE FROM rotation_states WHERE config_id = old.id;
DELETE FROM rotation_turns WHERE config_id = old.id;
DELETE FROM rotation_uses WHERE config_id = old.id;
END;

-- On proxy_rotation.occurred
INSERT INTO rotation_events (
    id, seq, timestamp, config_id, previous_proxy_id, new_proxy_id, reason, domain, url, tab_id,
    session_id, metadata
)
VALUES (
    $rotation_id, @position, coalesce($at, @time), $config_id, $previous_proxy_id, $new_proxy_id,
    $reason, $domain, $url, $tab_id, $session_id, json($metadata)
);

INSERT INTO rotation_states (config_id, proxy_id, rotated_at, next_interval_ms)
SELECT coalesce($config_id, ''), $new_proxy_id, coalesce($at, @time), $next_interval_ms
WHERE $new_proxy_id IS NOT NULL
ON CONFLICT DO UPDATE SET
    proxy_id = excluded.proxy_id,
    rotated_at = excluded.rotated_at,
    next_interval_ms = excluded.next_interval_ms;

INSERT INTO rotation_turns (config_id, country, turns)
SELECT coalesce($config_id, ''), $turn_of, 1
WHERE $turn_of IS NOT NULL
ON CONFLICT DO UPDATE SET turns = turns + 1;

INSERT INTO rotation_uses (config_id, proxy_id, uses)
SELECT coalesce($config_id, ''), $new_proxy_id, 1
WHERE $new_proxy_id IS NOT NULL
ON CONFLICT DO UPDATE SET uses = uses + 1;

-- On proxy_rotation.purged
DELETE FROM rotation_events
WHERE timestamp < $cutoff;

-- On rotation_events.adopted
INSERT INTO rotation_events (
    id, seq, timestamp, config_id, previous_proxy_id, new_proxy_id, reason, domain, url, tab_id,
    session_id, metadata
)
VALUES (
    $id, $seq, $timestamp, $config_id, $previous_proxy_id, $new_proxy_id, $reason, $domain, $url,
    $tab_id, $session_id, $metadata
);

-- On rotation_states.adopted
INSERT INTO rotation_states (
    config_id, proxy_id, rotated_at, next_interval_ms
)
VALUES (
    $config_id, $proxy_id, $rotated_at, $next_interval_ms
);

-- On rotation_turns.adopted
INSERT INTO rotation_turns (
    config_id, country, turns
)
VALUES (
    $config_id, $country, $turns
);

-- On rotation_uses.adopted
INSERT INTO rotation_uses (
    config_id, proxy_id, uses
)
VALUES (
    $config_id, $proxy_id, $uses
);

-- Down
DROP TRIGGER rotation_config_gone;
DROP TRIGGER rotation_config_set;
DROP TABLE rotation_uses;
DROP TABLE rotation_turns;
DROP TABLE rotation_states;
DROP TABLE rotation_events;
