-- Migration: 002_invalid_utf8
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY); -- grüß �
-- Down
DROP TABLE t;
