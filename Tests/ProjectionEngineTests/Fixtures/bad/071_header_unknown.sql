-- Migration: 071_header_unknown
-- Description: a defect
-- Module: core
-- Author: somebody

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
