-- Migration: 034_upcast_three_words
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Upcast a.added 1
@data
-- Down
DROP TABLE t;
