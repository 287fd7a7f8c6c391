-- Migration: 043_handler_before_up
-- Description: a defect
-- Module: core

-- On a.added
DELETE FROM t;
-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
