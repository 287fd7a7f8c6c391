-- Migration: 075_header_empty_value
-- Description: a defect
-- Module:

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
