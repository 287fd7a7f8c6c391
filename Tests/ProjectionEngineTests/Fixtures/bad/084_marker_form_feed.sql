-- Migration: 084_marker_form_feed
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down
DROP TABLE t;
