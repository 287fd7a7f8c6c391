-- Migration: 065_seed_duplicate_name
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Seed a.added a/1 one
{
  "a": 1,
  "a": 2
}
-- Down
DROP TABLE t;
