-- Migration: 012_trigger_without_end
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);
CREATE TRIGGER g AFTER INSERT ON t BEGIN
  DELETE FROM t;

-- Down
DROP TABLE t;
