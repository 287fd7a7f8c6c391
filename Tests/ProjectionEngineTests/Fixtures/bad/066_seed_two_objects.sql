-- Migration: 066_seed_two_objects
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Seed a.added a/1 one
{}
{}
-- Down
DROP TABLE t;
