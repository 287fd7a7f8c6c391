-- Migration: 001_proxies
-- Description: The pool of proxies: where they are, how they do, what a check saw
-- Module: rotation

-- Up
-- No password columns: a secret in the log could never be taken back.
-- WITHOUT ROWID: an event without an id is refused instead of getting an invented one.
CREATE TABLE proxies (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    host TEXT NOT NULL CHECK (length(host) BETWEEN 1 AND 255),
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    protocol TEXT NOT NULL CHECK (protocol IN ('http', 'https', 'socks4', 'socks5')),
    status TEXT DEFAULT 'active' CHECK (status IN ('active', 'failed', 'checking', 'disabled')),
    latency INTEGER,
    last_checked INTEGER,
    failure_count INTEGER DEFAULT 0,
    total_requests INTEGER DEFAULT 0,
    success_rate REAL DEFAULT 100.0,
    region TEXT CHECK (length(region) <= 100),
    tags TEXT,
    geolocation_json TEXT,
    -- What the published lists tell about a proxy beside its address.
    anonymity TEXT,
    tls INTEGER CHECK (tls IN (0, 1)),
    google INTEGER CHECK (google IN (0, 1)),
    exit_differs INTEGER CHECK (exit_differs IN (0, 1)),
    check_result TEXT,
    exit_ip TEXT,
    created_at INTEGER,
    updated_at INTEGER,
    UNIQUE (host, port, protocol)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_proxies_status ON proxies (status);
CREATE INDEX idx_proxies_protocol ON proxies (protocol);
CREATE INDEX idx_proxies_region ON proxies (region);

-- On proxy.added
-- A plain INSERT: a second proxy at the same address is refused, not merged.
INSERT INTO proxies (
    id, name, host, port, protocol, status, latency, region, tags, geolocation_json,
    anonymity, tls, google, exit_differs, check_result, exit_ip, created_at, updated_at
)
VALUES (
    $proxy_id, $name, $host, $port, $protocol, coalesce($status, 'active'), $latency, $region,
    json($tags), json($geolocation), $anonymity, $tls, $google, $exit_differs, $check, $exit_ip,
    coalesce($at, @time), coalesce($at, @time)
);

-- On proxy.updated
-- A field that is absent from `changed` stays; an explicit null clears it.
UPDATE proxies
SET
    name = iif(json_type($changed, '$.name') IS NULL, name, $changed ->> '$.name'),
    status = iif(json_type($changed, '$.status') IS NULL, status, $changed ->> '$.status'),
    latency = iif(json_type($changed, '$.latency') IS NULL, latency, $changed ->> '$.latency'),
    region = iif(json_type($changed, '$.region') IS NULL, region, $changed ->> '$.region'),
    tags = iif(json_type($changed, '$.tags') IS NULL, tags, $changed ->> '$.tags'),
    geolocation_json = iif(
        json_type($changed, '$.geolocation') IS NULL,
        geolocation_json,
        $changed ->> '$.geolocation'
    ),
    anonymity = iif(
        json_type($changed, '$.anonymity') IS NULL, anonymity, $changed ->> '$.anonymity'
    ),
    tls = iif(json_type($changed, '$.tls') IS NULL, tls, $changed ->> '$.tls'),
    google = iif(json_type($changed, '$.google') IS NULL, google, $changed ->> '$.google'),
    exit_differs = iif(
        json_type($changed, '$.exit_differs') IS NULL, exit_differs, $changed ->> '$.exit_differs'
    ),
    check_result = iif(
        json_type($changed, '$.check') IS NULL, check_result, $changed ->> '$.check'
    ),
    exit_ip = iif(json_type($changed, '$.exit_ip') IS NULL, exit_ip, $changed ->> '$.exit_ip'),
    updated_at = coalesce($at, @time)
WHERE id = $proxy_id;

-- An address moves rarely: apart from the rest, so that its unique index rests otherwise.
UPDATE proxies
SET
    host = iif(json_type($changed, '$.host') IS NULL, host, $changed ->> '$.host'),
    port = iif(json_type($changed, '$.port') IS NULL, port, $changed ->> '$.port'),
    protocol = iif(json_type($changed, '$.protocol') IS NULL, protocol, $changed ->> '$.protocol')
WHERE
    id = $proxy_id
    AND coalesce(
        json_type($changed, '$.host'), json_type($changed, '$.port'),
        json_type($changed, '$.protocol')
    ) IS NOT NULL;

-- On proxy.removed
DELETE FROM proxies
WHERE id = $proxy_id;

-- On proxy.status_changed
UPDATE proxies
SET status = $status, updated_at = coalesce($at, @time)
WHERE id = $proxy_id;

-- On proxy.health_checked
-- A disabled proxy stays disabled whatever a check says: only a person enables it again.
UPDATE proxies
SET
    status = iif(status = 'disabled', status, iif($success, 'active', 'failed')),
    latency = coalesce($latency, latency),
    last_checked = coalesce($at, @time),
    updated_at = coalesce($at, @time)
WHERE id = $proxy_id;

-- On proxy.stats_updated
-- The rate is derived from the counters, so that it cannot drift away from them.
UPDATE proxies
SET
    total_requests = total_requests + 1,
    failure_count = failure_count + iif($success, 0, 1),
    success_rate = 100.0 * (total_requests + 1 - failure_count - iif($success, 0, 1))
        / (total_requests + 1),
    latency = coalesce($latency, latency),
    updated_at = coalesce($at, @time)
WHERE id = $proxy_id;

-- On proxies.adopted
INSERT INTO proxies (
    id, name, host, port, protocol, status, latency, last_checked, failure_count, total_requests,
    success_rate, region, tags, geolocation_json, anonymity, tls, google, exit_differs,
    check_result, exit_ip, created_at, updated_at
)
VALUES (
    $id, $name, $host, $port, $protocol, $status, $latency, $last_checked, $failure_count,
    $total_requests, $success_rate, $region, $tags, $geolocation_json, $anonymity, $tls, $google,
    $exit_differs, $check_result, $exit_ip, $created_at, $updated_at
);

-- Down
DROP TABLE proxies;
