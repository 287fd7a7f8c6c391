-- Migration: 080_header_depends_later
-- Description: a defect
-- Module: core
-- Depends: 090

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
