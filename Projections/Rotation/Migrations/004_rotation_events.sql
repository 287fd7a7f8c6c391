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

-- On proxy_rotation.occurred
INSERT INTO rotation_events (
    id, seq, timestamp, config_id, previous_proxy_id, new_proxy_id, reason, domain, url, tab_id,
    session_id, metadata
)
VALUES (
    $rotation_id, @position, coalesce($at, @time), $config_id, $previous_proxy_id, $new_proxy_id,
    $reason, $domain, $url, $tab_id, $session_id, json($metadata)
);

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

-- Down
DROP TABLE rotation_events;
