-- Migration: 013_trigger_end_without_semicolon
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);
CREATE TRIGGER g AFTER INSERT ON t BEGIN
  DELETE FROM t;
END

-- Down
DROP TABLE t;
