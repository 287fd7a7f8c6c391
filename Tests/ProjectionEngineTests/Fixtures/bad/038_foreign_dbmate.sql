-- Migration: 038_foreign_dbmate
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- migrate:down
DROP TABLE t;
