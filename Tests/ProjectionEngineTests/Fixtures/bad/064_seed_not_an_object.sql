-- Migration: 064_seed_not_an_object
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Seed a.added a/1 one
[1]
-- Down
DROP TABLE t;
