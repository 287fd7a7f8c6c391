-- Migration: 027_on_two_types
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- On a.added b.added
DELETE FROM t;
-- Down
DROP TABLE t;
