-- Migration: 039_foreign_rollback
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Rollback
DROP TABLE t;
