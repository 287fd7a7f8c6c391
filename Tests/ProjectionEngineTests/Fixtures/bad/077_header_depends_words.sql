-- Migration: 077_header_depends_words
-- Description: a defect
-- Module: core
-- Depends: 001 002

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
