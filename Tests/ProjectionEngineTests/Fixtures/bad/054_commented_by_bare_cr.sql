-- Migration: 054_commented_by_bare_cr
-- Description: a defect
-- Module: core

-- Up
-- a comment-- CREATE TABLE t (id INTEGER PRIMARY KEY);-- Down
DROP TABLE t;
