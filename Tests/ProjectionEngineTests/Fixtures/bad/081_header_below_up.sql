-- Migration: 081_header_below_up
-- Description: a defect

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Module: core
-- Down
DROP TABLE t;
