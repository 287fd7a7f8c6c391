-- Migration: 009_unfinished_before_down
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY) -- no end

-- Down
DROP TABLE t;
