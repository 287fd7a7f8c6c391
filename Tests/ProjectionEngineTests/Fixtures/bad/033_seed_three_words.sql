-- Migration: 033_seed_three_words
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Seed a.added a/1
{}
-- Down
DROP TABLE t;
