-- Migration: 002_everything
-- Description: Every kind of section, with äöü in the description
-- Module: core
-- Depends: 001
--
-- A comment of the header; https://example.com/is-no-directive and this: neither.

-- Up
-- A plain comment.
CREATE TABLE groups (id TEXT PRIMARY KEY);
ALTER TABLE proxies ADD COLUMN weight REAL NOT NULL DEFAULT 1.0;

-- On proxy.added
INSERT INTO proxies (id, host, weight)
VALUES ($proxy_id, $host, coalesce($weight, 1.0));

-- On group.added   
INSERT INTO groups (id) VALUES (@key);
UPDATE proxies SET weight = 1;

-- Off proxy.removed
-- Nobody sends it any more.

-- Seed group.added group/default default-group
-- The group that is always there.
{
  "name": "-- Down is text here",
  "size": 0
}

-- Upcast proxy.added 1 2
json_set(@data,
  '$.weight', 1.0)

-- Upcast proxy.added 2 3
json_remove(@data, '$.old')

-- Down
ALTER TABLE proxies DROP COLUMN weight;
DROP TABLE groups;
