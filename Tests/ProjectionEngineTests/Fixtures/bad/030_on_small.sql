-- Migration: 030_on_small
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- on a.added
DELETE FROM t;
-- Down
DROP TABLE t;
