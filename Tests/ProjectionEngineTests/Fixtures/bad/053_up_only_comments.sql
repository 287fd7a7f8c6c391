-- Migration: 053_up_only_comments
-- Description: a defect
-- Module: core

-- Up
-- CREATE TABLE t (id INTEGER PRIMARY KEY);
/* none */ ;

-- Down
DROP TABLE t;
