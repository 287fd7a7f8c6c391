-- Migration: 023_down_decorated
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- ==== Down ====
DROP TABLE t;
