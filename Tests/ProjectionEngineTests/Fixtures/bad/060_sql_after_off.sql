-- Migration: 060_sql_after_off
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Off a.added
DELETE FROM t;
-- Down
DROP TABLE t;
