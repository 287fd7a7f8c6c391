-- Migration: 047_second_handler
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- On a.added
DELETE FROM t;
-- On a.added
DELETE FROM t;
-- Down
DROP TABLE t;
