-- Migration: 011_unfinished_handler
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- On a.added
INSERT INTO t (id) VALUES ($id)
-- Off b.added
-- Down
DROP TABLE t;
