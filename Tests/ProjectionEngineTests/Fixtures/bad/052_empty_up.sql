-- Migration: 052_empty_up
-- Description: a defect
-- Module: core

-- Up

-- Down
DROP TABLE t;
