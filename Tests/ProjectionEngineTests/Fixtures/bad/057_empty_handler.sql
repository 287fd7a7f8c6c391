-- Migration: 057_empty_handler
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- On a.added
-- nothing
-- Down
DROP TABLE t;
