-- Migration: 072_header_twice
-- Description: a defect
-- Module: core
-- Module: other

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
