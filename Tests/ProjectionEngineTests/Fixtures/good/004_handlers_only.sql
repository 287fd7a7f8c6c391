-- Migration: 004_handlers_only
-- Description: A handler changes and the schema does not
-- Module: core

-- Up: none
-- The column is there since 002.

-- On proxy.added
UPDATE proxies SET weight = 2 WHERE id = $proxy_id;

-- Down: replay
