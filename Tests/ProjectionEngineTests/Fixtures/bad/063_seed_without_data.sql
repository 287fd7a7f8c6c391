-- Migration: 063_seed_without_data
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Seed a.added a/1 one
-- Down
DROP TABLE t;
