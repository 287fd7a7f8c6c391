-- Migration: 079_header_depends_twice
-- Description: a defect
-- Module: core
-- Depends: 001, 001

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
