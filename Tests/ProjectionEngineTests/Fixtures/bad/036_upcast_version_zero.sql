-- Migration: 036_upcast_version_zero
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Upcast a.added 0 1
@data
-- Down
DROP TABLE t;
