-- Migration: 059_empty_upcast
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Upcast a.added 1 2
-- Down
DROP TABLE t;
