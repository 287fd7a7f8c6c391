-- Migration: 001_base
-- Description: Proxies and their groups
-- Module: core

-- Up
CREATE TABLE proxies (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL
) STRICT;

-- On proxy.added
INSERT INTO proxies (id, host) VALUES ($proxy_id, $host);

-- Down
DROP TABLE proxies;
