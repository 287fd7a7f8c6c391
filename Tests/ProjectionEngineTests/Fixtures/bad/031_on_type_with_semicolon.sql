-- Migration: 031_on_type_with_semicolon
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- On a.added;
DELETE FROM t;
-- Down
DROP TABLE t;
