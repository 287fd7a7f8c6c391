-- Migration: 032_off_without_type
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Off
-- Down
DROP TABLE t;
