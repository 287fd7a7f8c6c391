-- Migration: 022_down_two_spaces
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

--  Down
DROP TABLE t;
