-- Migration: 048_on_and_off
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- On a.added
DELETE FROM t;
-- Off a.added
-- Down
DROP TABLE t;
