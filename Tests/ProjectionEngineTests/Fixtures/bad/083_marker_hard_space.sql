-- Migration: 083_marker_hard_space
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- On a.added
DELETE FROM t;
-- Down
DROP TABLE t;
