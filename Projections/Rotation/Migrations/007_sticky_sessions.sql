-- Migration: 007_sticky_sessions
-- Description: Which domain stays with which proxy, and for how long
-- Module: rotation
-- Depends: 001, 003

-- Up
-- `expires_at` is always there for a mapping that ends: a sliding one is moved along by each use.
CREATE TABLE sticky_session_mappings (
    id TEXT NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL CHECK (length(domain) BETWEEN 1 AND 255),
    is_wildcard INTEGER DEFAULT 0 CHECK (is_wildcard IN (0, 1)),
    proxy_id TEXT NOT NULL REFERENCES proxies (id) ON DELETE CASCADE,
    config_id TEXT REFERENCES rotation_configs (id) ON DELETE CASCADE,
    ttl_seconds INTEGER,
    ttl_ms INTEGER CHECK (ttl_ms > 0),
    expiry_mode TEXT NOT NULL DEFAULT 'fixed' CHECK (expiry_mode IN ('fixed', 'sliding')),
    expires_at INTEGER,
    request_count INTEGER DEFAULT 0,
    last_used_at INTEGER,
    created_at INTEGER,
    updated_at INTEGER
) STRICT, WITHOUT ROWID;

-- Without coalesce a domain of no configuration could be there twice: NULL equals nothing.
CREATE UNIQUE INDEX idx_sticky_domain_config
ON sticky_session_mappings (domain, coalesce(config_id, ''));
CREATE INDEX idx_sticky_proxy ON sticky_session_mappings (proxy_id);
CREATE INDEX idx_sticky_config ON sticky_session_mappings (config_id);
CREATE INDEX idx_sticky_expires ON sticky_session_mappings (expires_at);
CREATE INDEX idx_sticky_domain_proxy
ON sticky_session_mappings (domain, proxy_id, expires_at);

-- The shape of programs that know one mapping a domain, without configurations.
CREATE VIEW sticky_sessions AS
SELECT
    m.domain,
    m.proxy_id,
    strftime('%Y-%m-%d %H:%M:%S', m.created_at / 1000.0, 'unixepoch') AS created_at,
    strftime('%Y-%m-%d %H:%M:%S', m.last_used_at / 1000.0, 'unixepoch') AS last_used,
    m.request_count,
    m.ttl_ms,
    m.is_wildcard
FROM sticky_session_mappings AS m
WHERE m.config_id IS NULL;

-- On sticky_session.mapped
-- A domain that is mapped already keeps its id, its count and its beginning.
INSERT INTO sticky_session_mappings (
    id, domain, is_wildcard, proxy_id, config_id, ttl_seconds, ttl_ms, expiry_mode, expires_at,
    request_count, last_used_at, created_at, updated_at
)
VALUES (
    $mapping_id, $domain, coalesce($is_wildcard, instr($domain, '*') > 0), $proxy_id, $config_id,
    $ttl_ms / 1000, $ttl_ms, coalesce($expiry_mode, 'fixed'), $expires_at,
    coalesce($request_count, 0), coalesce($at, @time), coalesce($at, @time), coalesce($at, @time)
)
ON CONFLICT (domain, coalesce(config_id, '')) DO UPDATE SET
    proxy_id = excluded.proxy_id,
    ttl_seconds = excluded.ttl_seconds,
    ttl_ms = excluded.ttl_ms,
    expiry_mode = excluded.expiry_mode,
    expires_at = excluded.expires_at,
    updated_at = excluded.updated_at;

-- On sticky_session.used
UPDATE sticky_session_mappings
SET
    request_count = request_count + 1,
    last_used_at = coalesce($at, @time),
    expires_at = iif(
        expiry_mode = 'sliding' AND ttl_ms IS NOT NULL, coalesce($at, @time) + ttl_ms, expires_at
    ),
    updated_at = coalesce($at, @time)
WHERE id = $mapping_id;

-- On sticky_session.ttl_refreshed
UPDATE sticky_session_mappings
SET expires_at = $expires_at, updated_at = coalesce($at, @time)
WHERE id = $mapping_id;

-- On sticky_session.proxy_reassigned
UPDATE sticky_session_mappings
SET proxy_id = $proxy_id, updated_at = coalesce($at, @time)
WHERE id = $mapping_id;

-- On sticky_session.removed
DELETE FROM sticky_session_mappings
WHERE id IN (SELECT r.value FROM json_each($mapping_ids) AS r);

-- On sticky_session.expired_purged
-- The ids are in the event: which mappings were over, no replay decides again.
DELETE FROM sticky_session_mappings
WHERE id IN (SELECT r.value FROM json_each($mapping_ids) AS r);

-- On sticky_session_mappings.adopted
INSERT INTO sticky_session_mappings (
    id, domain, is_wildcard, proxy_id, config_id, ttl_seconds, ttl_ms, expiry_mode, expires_at,
    request_count, last_used_at, created_at, updated_at
)
VALUES (
    $id, $domain, $is_wildcard, $proxy_id, $config_id, $ttl_seconds, $ttl_ms, $expiry_mode,
    $expires_at, $request_count, $last_used_at, $created_at, $updated_at
);

-- Down
DROP VIEW sticky_sessions;
DROP TABLE sticky_session_mappings;
