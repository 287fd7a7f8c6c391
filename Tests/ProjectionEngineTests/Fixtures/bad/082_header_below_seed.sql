-- Migration: 082_header_below_seed
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Seed a.added a/1 one
{}
-- Depends: 001
-- Down
DROP TABLE t;
