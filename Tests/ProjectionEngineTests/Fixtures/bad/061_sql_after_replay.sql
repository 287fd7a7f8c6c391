-- Migration: 061_sql_after_replay
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down: replay
DROP TABLE t;
