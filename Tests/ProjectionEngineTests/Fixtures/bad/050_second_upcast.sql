-- Migration: 050_second_upcast
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Upcast a.added 1 2
@data
-- Upcast a.added 1 3
@data
-- Down
DROP TABLE t;
