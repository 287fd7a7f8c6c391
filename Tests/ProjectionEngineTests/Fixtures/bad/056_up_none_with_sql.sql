-- Migration: 056_up_none_with_sql
-- Description: a defect
-- Module: core

-- Up: none
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- On a.added
DELETE FROM t;
-- Down
DROP TABLE t;
