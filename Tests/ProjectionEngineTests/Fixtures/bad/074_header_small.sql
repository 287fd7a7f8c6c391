-- Migration: 074_header_small
-- Description: a defect
-- module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
