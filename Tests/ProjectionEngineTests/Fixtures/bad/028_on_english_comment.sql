-- Migration: 028_on_english_comment
-- Description: a defect
-- Module: core

-- Up
-- On every update of the table we do nothing.
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- Down
DROP TABLE t;
