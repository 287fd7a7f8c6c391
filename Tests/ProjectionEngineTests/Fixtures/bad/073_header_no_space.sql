-- Migration: 073_header_no_space
-- Description: a defect
--Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
