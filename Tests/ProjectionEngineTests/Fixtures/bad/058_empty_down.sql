-- Migration: 058_empty_down
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
-- nothing to do
