-- Migration: 005_proxy_weights
-- Description: Selection weight and rotation group of a proxy
-- Module: rotation
-- Depends: 001

-- Up
ALTER TABLE proxies ADD COLUMN weight REAL DEFAULT 1.0 CHECK (weight BETWEEN 0 AND 100);
ALTER TABLE proxies ADD COLUMN rotation_group TEXT CHECK (length(rotation_group) <= 100);

CREATE INDEX idx_proxies_rotation_group ON proxies (rotation_group);
CREATE INDEX idx_proxies_status_weight ON proxies (status, weight DESC);

-- On proxy.added
-- A plain INSERT: a second proxy at the same address is refused, not merged.
INSERT INTO proxies (
    id, name, host, port, protocol, status, latency, region, tags, geolocation_json,
    anonymity, tls, google, exit_differs, check_result, exit_ip, created_at, updated_at,
    weight, rotation_group
)
VALUES (
    $proxy_id, $name, $host, $port, $protocol, coalesce($status, 'active'), $latency, $region,
    json($tags), json($geolocation), $anonymity, $tls, $google, $exit_differs, $check, $exit_ip,
    coalesce($at, @time), coalesce($at, @time), coalesce($weight, 1.0), $rotation_group
);

-- On proxy.weights_changed
-- The weights in the event are results: nothing is normalised here, so no rounding differs.
UPDATE proxies
SET weight = w.value ->> '$.weight', updated_at = coalesce($at, @time)
FROM json_each($weights) AS w
WHERE proxies.id = w.value ->> '$.proxy_id';

-- On proxy.rotation_groups_changed
UPDATE proxies
SET rotation_group = a.value ->> '$.group', updated_at = coalesce($at, @time)
FROM json_each($assignments) AS a
WHERE proxies.id = a.value ->> '$.proxy_id';

-- On proxies.adopted
-- A file of an earlier version has no weights: they are what a new column gave its rows.
INSERT INTO proxies (
    id, name, host, port, protocol, status, latency, last_checked, failure_count, total_requests,
    success_rate, region, tags, geolocation_json, anonymity, tls, google, exit_differs,
    check_result, exit_ip, created_at, updated_at, weight, rotation_group
)
VALUES (
    $id, $name, $host, $port, $protocol, $status, $latency, $last_checked, $failure_count,
    $total_requests, $success_rate, $region, $tags, $geolocation_json, $anonymity, $tls, $google,
    $exit_differs, $check_result, $exit_ip, $created_at, $updated_at,
    iif(json_type(@data, '$.weight') IS NULL, 1.0, $weight), $rotation_group
);

-- Down: replay
-- A weight or group that changed also moved updated_at, and only the log knows what it was.
