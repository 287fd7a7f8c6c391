-- Migration: 005_unterminated_block_comment
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

/* the rest is gone
-- Down
DROP TABLE t;
