-- Migration: 026_on_without_type
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- On
DELETE FROM t;
-- Down
DROP TABLE t;
