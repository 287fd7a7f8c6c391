-- Migration: 010_current_views
-- Description: How each proxy did in the last day, and what each configuration holds
-- Module: rotation
-- Depends: 002, 003, 005, 007, 008

-- Up
-- The last day ends now; in a question about the past, "now" is that moment.
CREATE VIEW v_proxy_current_stats AS
SELECT
    p.id,
    p.name,
    p.host,
    p.port,
    p.protocol,
    p.status,
    p.weight,
    p.rotation_group,
    p.region,
    p.latency,
    p.success_rate,
    coalesce(sum(s.total_requests), 0) AS requests_24h,
    coalesce(sum(s.successful_requests), 0) AS success_24h,
    coalesce(sum(s.rotation_count), 0) AS rotations_24h,
    coalesce(sum(s.latency_sum_ms) / nullif(sum(s.latency_count), 0), p.latency) AS avg_latency_24h
FROM proxies AS p
LEFT JOIN proxy_usage_stats AS s
    ON
        s.proxy_id = p.id
        AND s.time_bucket >= CAST(strftime('%s', 'now') AS INTEGER) * 1000 - 86400000
GROUP BY p.id;

CREATE VIEW v_rotation_configs_summary AS
SELECT
    c.id,
    c.name,
    c.strategy,
    c.is_active,
    c.enabled,
    c.target_group,
    c.priority,
    (SELECT count(*) FROM proxy_rotation_rules AS r WHERE r.config_id = c.id) AS rule_count,
    (
        SELECT count(*) FROM sticky_session_mappings AS m WHERE m.config_id = c.id
    ) AS sticky_mapping_count,
    c.created_at,
    c.updated_at
FROM rotation_configs AS c;

-- Down
DROP VIEW v_rotation_configs_summary;
DROP VIEW v_proxy_current_stats;
