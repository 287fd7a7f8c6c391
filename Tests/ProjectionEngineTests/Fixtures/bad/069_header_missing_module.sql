-- Migration: 069_header_missing_module
-- Description: a defect

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
