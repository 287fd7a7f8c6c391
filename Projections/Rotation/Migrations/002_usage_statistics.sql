-- Migration: 002_usage_statistics
-- Description: What each proxy carried, hour by hour
-- Module: rotation
-- Depends: 001
-- Lint: allow FLOAT_KEY a latency is told, not computed: equal samples have equal bits

-- Up
-- A bucket is one proxy in one hour of UTC; its id is `<proxy id>_<start of the hour>`.
-- The sum and the count of the latency samples are kept, so that a mean weighs samples and not
-- requests, and buckets can be added up without an error.
CREATE TABLE proxy_usage_stats (
    id TEXT NOT NULL PRIMARY KEY,
    proxy_id TEXT NOT NULL REFERENCES proxies (id) ON DELETE CASCADE,
    time_bucket INTEGER NOT NULL,
    total_requests INTEGER DEFAULT 0,
    successful_requests INTEGER DEFAULT 0,
    failed_requests INTEGER DEFAULT 0,
    latency_sum_ms REAL NOT NULL DEFAULT 0,
    latency_count INTEGER NOT NULL DEFAULT 0,
    avg_latency_ms REAL,
    min_latency_ms REAL,
    max_latency_ms REAL,
    p95_latency_ms REAL,
    bytes_sent INTEGER DEFAULT 0,
    bytes_received INTEGER DEFAULT 0,
    rotation_count INTEGER DEFAULT 0,
    rotation_reasons TEXT,
    error_counts TEXT,
    last_error TEXT,
    last_error_at INTEGER,
    target_countries TEXT,
    unique_domains INTEGER DEFAULT 0,
    unique_sessions INTEGER DEFAULT 0,
    created_at INTEGER,
    updated_at INTEGER,
    UNIQUE (proxy_id, time_bucket)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_usage_stats_time ON proxy_usage_stats (time_bucket DESC);
CREATE INDEX idx_usage_stats_success
ON proxy_usage_stats (proxy_id, total_requests, successful_requests);

-- The sets behind the counts: a domain, a session or a country counts once in a bucket.
CREATE TABLE proxy_usage_distinct (
    stats_id TEXT NOT NULL REFERENCES proxy_usage_stats (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('domain', 'session', 'country')),
    value TEXT NOT NULL,
    PRIMARY KEY (stats_id, kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE proxy_usage_errors (
    stats_id TEXT NOT NULL REFERENCES proxy_usage_stats (id) ON DELETE CASCADE,
    error_type TEXT NOT NULL,
    occurrences INTEGER NOT NULL,
    PRIMARY KEY (stats_id, error_type)
) STRICT, WITHOUT ROWID;

-- A percentile cannot be carried forward from itself: it needs the samples.
CREATE TABLE proxy_usage_latencies (
    stats_id TEXT NOT NULL REFERENCES proxy_usage_stats (id) ON DELETE CASCADE,
    latency_ms REAL NOT NULL,
    samples INTEGER NOT NULL,
    PRIMARY KEY (stats_id, latency_ms)
) STRICT, WITHOUT ROWID;

-- On proxy_usage.recorded
-- The start of the hour is a floor, also before 1970: a remainder takes the sign of its time.
INSERT INTO proxy_usage_stats (
    id, proxy_id, time_bucket, total_requests, successful_requests, failed_requests,
    latency_sum_ms, latency_count, avg_latency_ms, min_latency_ms, max_latency_ms,
    bytes_sent, bytes_received, last_error, last_error_at, created_at, updated_at
)
VALUES (
    $proxy_id || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch'),
    $proxy_id,
    coalesce($at, @time) - ((coalesce($at, @time) % 3600000) + 3600000) % 3600000,
    coalesce($requests, 1), coalesce($successful, 0), coalesce($failed, 0),
    coalesce($latency_ms, 0), $latency_ms IS NOT NULL, $latency_ms, $latency_ms, $latency_ms,
    coalesce($bytes_sent, 0), coalesce($bytes_received, 0),
    $error ->> '$.message', iif($error IS NULL, NULL, coalesce($at, @time)),
    coalesce($at, @time), coalesce($at, @time)
)
ON CONFLICT DO UPDATE SET
    total_requests = total_requests + excluded.total_requests,
    successful_requests = successful_requests + excluded.successful_requests,
    failed_requests = failed_requests + excluded.failed_requests,
    latency_sum_ms = latency_sum_ms + excluded.latency_sum_ms,
    latency_count = latency_count + excluded.latency_count,
    avg_latency_ms = (latency_sum_ms + excluded.latency_sum_ms)
        / nullif(latency_count + excluded.latency_count, 0),
    min_latency_ms = coalesce(
        min(min_latency_ms, excluded.min_latency_ms), min_latency_ms, excluded.min_latency_ms
    ),
    max_latency_ms = coalesce(
        max(max_latency_ms, excluded.max_latency_ms), max_latency_ms, excluded.max_latency_ms
    ),
    bytes_sent = bytes_sent + excluded.bytes_sent,
    bytes_received = bytes_received + excluded.bytes_received,
    last_error = iif(excluded.last_error_at IS NULL, last_error, excluded.last_error),
    last_error_at = coalesce(excluded.last_error_at, last_error_at),
    updated_at = excluded.updated_at;

-- Counted before it joins its set below: only what is not there yet makes the count grow.
UPDATE proxy_usage_stats AS s
SET
    unique_domains = unique_domains + ($domain IS NOT NULL AND NOT EXISTS (
        SELECT 1
        FROM proxy_usage_distinct AS d
        WHERE d.stats_id = s.id AND d.kind = 'domain' AND d.value = $domain
    )),
    unique_sessions = unique_sessions + ($session_id IS NOT NULL AND NOT EXISTS (
        SELECT 1
        FROM proxy_usage_distinct AS d
        WHERE d.stats_id = s.id AND d.kind = 'session' AND d.value = $session_id
    ))
WHERE
    s.id = $proxy_id
        || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch')
    AND coalesce($domain, $session_id) IS NOT NULL;

INSERT INTO proxy_usage_distinct (stats_id, kind, value)
SELECT
    $proxy_id || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch'),
    v.column1,
    v.column2
FROM (VALUES ('domain', $domain), ('session', $session_id), ('country', $country)) AS v
WHERE v.column2 IS NOT NULL
ON CONFLICT DO NOTHING;

UPDATE proxy_usage_stats AS s
SET target_countries = (
    SELECT json_group_array(c.value)
    FROM (
        SELECT d.value
        FROM proxy_usage_distinct AS d
        WHERE d.stats_id = s.id AND d.kind = 'country'
        ORDER BY d.value
    ) AS c
)
WHERE
    s.id = $proxy_id
        || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch')
    AND $country IS NOT NULL;

INSERT INTO proxy_usage_errors (stats_id, error_type, occurrences)
SELECT
    $proxy_id || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch'),
    coalesce($error ->> '$.type', 'other'),
    1
WHERE $error IS NOT NULL
ON CONFLICT DO UPDATE SET occurrences = occurrences + 1;

UPDATE proxy_usage_stats AS s
SET error_counts = (
    SELECT json_group_object(k.error_type, k.occurrences)
    FROM (
        SELECT e.error_type, e.occurrences
        FROM proxy_usage_errors AS e
        WHERE e.stats_id = s.id
        ORDER BY e.error_type
    ) AS k
)
WHERE
    s.id = $proxy_id
        || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch')
    AND $error IS NOT NULL;

INSERT INTO proxy_usage_latencies (stats_id, latency_ms, samples)
SELECT
    $proxy_id || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch'),
    $latency_ms,
    1
WHERE $latency_ms IS NOT NULL
ON CONFLICT DO UPDATE SET samples = samples + 1;

-- Nearest rank: the least latency that at least 95 of 100 samples do not exceed; that is, at most 5 of
-- 100 lie above it. One sample more moves it by one place at most, so it is never counted anew.
UPDATE proxy_usage_stats AS s
SET p95_latency_ms = CASE
    WHEN s.p95_latency_ms IS NULL THEN $latency_ms
    WHEN (
        SELECT 100 * sum(l.samples)
        FROM proxy_usage_latencies AS l
        WHERE l.stats_id = s.id AND l.latency_ms > s.p95_latency_ms
    ) > 5 * s.latency_count
    THEN (
        SELECT min(l.latency_ms)
        FROM proxy_usage_latencies AS l
        WHERE l.stats_id = s.id AND l.latency_ms > s.p95_latency_ms
    )
    WHEN (
        SELECT 100 * sum(l.samples)
        FROM proxy_usage_latencies AS l
        WHERE l.stats_id = s.id AND l.latency_ms >= s.p95_latency_ms
    ) <= 5 * s.latency_count
    THEN coalesce(
        (
            SELECT max(l.latency_ms)
            FROM proxy_usage_latencies AS l
            WHERE l.stats_id = s.id AND l.latency_ms < s.p95_latency_ms
        ),
        -- An adopted bucket may count samples that nobody knows.
        s.p95_latency_ms
    )
    ELSE s.p95_latency_ms
END
WHERE
    s.id = $proxy_id
        || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch')
    AND $latency_ms IS NOT NULL;

-- On proxy_usage.rotation_counted
-- The same reason twice is two rotations: this list is no set.
INSERT INTO proxy_usage_stats (
    id, proxy_id, time_bucket, rotation_count, rotation_reasons, created_at, updated_at
)
VALUES (
    $proxy_id || strftime('_%Y-%m-%dT%H:00:00Z', coalesce($at, @time) / 1000.0, 'unixepoch'),
    $proxy_id,
    coalesce($at, @time) - ((coalesce($at, @time) % 3600000) + 3600000) % 3600000,
    1,
    json_array($reason),
    coalesce($at, @time),
    coalesce($at, @time)
)
ON CONFLICT DO UPDATE SET
    rotation_count = rotation_count + 1,
    rotation_reasons = json_insert(coalesce(rotation_reasons, '[]'), '$[#]', $reason),
    updated_at = excluded.updated_at;

-- On proxy_usage.purged
-- The cutoff is in the event: "thirty days ago" would delete other rows in each replay.
DELETE FROM proxy_usage_stats
WHERE time_bucket < $cutoff;

-- On proxy_usage_stats.adopted
INSERT INTO proxy_usage_stats (
    id, proxy_id, time_bucket, total_requests, successful_requests, failed_requests, latency_sum_ms,
    latency_count, avg_latency_ms, min_latency_ms, max_latency_ms, p95_latency_ms, bytes_sent,
    bytes_received, rotation_count, rotation_reasons, error_counts, last_error, last_error_at,
    target_countries, unique_domains, unique_sessions, created_at, updated_at
)
VALUES (
    $id, $proxy_id, $time_bucket, $total_requests, $successful_requests, $failed_requests,
    $latency_sum_ms, $latency_count, $avg_latency_ms, $min_latency_ms, $max_latency_ms,
    $p95_latency_ms, $bytes_sent, $bytes_received, $rotation_count, $rotation_reasons,
    $error_counts, $last_error, $last_error_at, $target_countries, $unique_domains,
    $unique_sessions, $created_at, $updated_at
);

-- On proxy_usage_distinct.adopted
INSERT INTO proxy_usage_distinct (
    stats_id, kind, value
)
VALUES (
    $stats_id, $kind, $value
);

-- On proxy_usage_errors.adopted
INSERT INTO proxy_usage_errors (
    stats_id, error_type, occurrences
)
VALUES (
    $stats_id, $error_type, $occurrences
);

-- On proxy_usage_latencies.adopted
INSERT INTO proxy_usage_latencies (
    stats_id, latency_ms, samples
)
VALUES (
    $stats_id, $latency_ms, $samples
);

-- Down
DROP TABLE proxy_usage_latencies;
DROP TABLE proxy_usage_errors;
DROP TABLE proxy_usage_distinct;
DROP TABLE proxy_usage_stats;
