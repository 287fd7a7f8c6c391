-- Migration: 062_upcast_with_semicolon
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Upcast a.added 1 2
json_set(@data, '$.b', 1);
-- Down
DROP TABLE t;
