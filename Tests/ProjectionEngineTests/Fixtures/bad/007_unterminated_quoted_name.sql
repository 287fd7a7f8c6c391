-- Migration: 007_unterminated_quoted_name
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE "t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
