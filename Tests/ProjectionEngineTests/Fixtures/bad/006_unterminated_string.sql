-- Migration: 006_unterminated_string
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x);

-- Down
DROP TABLE t;
