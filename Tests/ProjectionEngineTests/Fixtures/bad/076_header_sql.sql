-- Migration: 076_header_sql
-- Description: a defect
-- Module: core

PRAGMA foreign_keys = ON;
-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
