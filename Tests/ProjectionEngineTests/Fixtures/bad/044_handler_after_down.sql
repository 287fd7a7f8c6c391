-- Migration: 044_handler_after_down
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
-- On a.added
DELETE FROM t;
