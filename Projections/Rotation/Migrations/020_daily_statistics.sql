-- Migration: 020_daily_statistics
-- Description: What each proxy carried, day by day, kept when hours are purged
-- Module: reports
-- Depends: 001

-- Up
-- A table and not a view over the hours: a purge of the hours must not touch the days.
CREATE TABLE proxy_usage_stats_daily (
    proxy_id TEXT NOT NULL REFERENCES proxies (id) ON DELETE CASCADE,
    date TEXT NOT NULL,
    request_count INTEGER DEFAULT 0,
    success_count INTEGER DEFAULT 0,
    failure_count INTEGER DEFAULT 0,
    total_latency_ms INTEGER DEFAULT 0,
    PRIMARY KEY (proxy_id, date)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_usage_stats_daily_date ON proxy_usage_stats_daily (date);

-- On proxy_usage.recorded
INSERT INTO proxy_usage_stats_daily (
    proxy_id, date, request_count, success_count, failure_count, total_latency_ms
)
VALUES (
    $proxy_id,
    strftime('%Y-%m-%d', coalesce($at, @time) / 1000.0, 'unixepoch'),
    coalesce($requests, 1),
    coalesce($successful, 0),
    coalesce($failed, 0),
    CAST(round(coalesce($latency_ms, 0)) AS INTEGER)
)
ON CONFLICT (proxy_id, date) DO UPDATE SET
    request_count = request_count + excluded.request_count,
    success_count = success_count + excluded.success_count,
    failure_count = failure_count + excluded.failure_count,
    total_latency_ms = total_latency_ms + excluded.total_latency_ms;

-- On proxy_usage_stats_daily.adopted
INSERT INTO proxy_usage_stats_daily (
    proxy_id, date, request_count, success_count, failure_count, total_latency_ms
)
VALUES (
    $proxy_id, $date, $request_count, $success_count, $failure_count, $total_latency_ms
);

-- Down
DROP TABLE proxy_usage_stats_daily;
