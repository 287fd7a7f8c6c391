-- Migration: 042_down_before_up
-- Description: a defect
-- Module: core

-- Down
DROP TABLE t;
-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

