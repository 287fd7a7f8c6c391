-- Migration: 016_down_no_space_small
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

--down
DROP TABLE t;
