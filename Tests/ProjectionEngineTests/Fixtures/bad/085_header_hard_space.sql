-- Migration: 085_header_hard_space
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
