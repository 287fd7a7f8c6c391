-- Migration: 049_second_seed
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Seed a.added a/1 one
{}
-- Seed a.added a/2 one
{}
-- Down
DROP TABLE t;
