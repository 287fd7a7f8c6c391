-- Migration: 024_up_capitals
-- Description: a defect
-- Module: core

-- UP
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
