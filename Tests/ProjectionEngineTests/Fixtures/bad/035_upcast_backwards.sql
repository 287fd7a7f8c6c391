-- Migration: 035_upcast_backwards
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Upcast a.added 2 1
@data
-- Down
DROP TABLE t;
