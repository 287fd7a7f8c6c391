-- Migration: 025_up_colon
-- Description: a defect
-- Module: core

-- Up:
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
