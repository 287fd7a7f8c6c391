-- Migration: 078_header_depends_range
-- Description: a defect
-- Module: core
-- Depends: 001-004

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
