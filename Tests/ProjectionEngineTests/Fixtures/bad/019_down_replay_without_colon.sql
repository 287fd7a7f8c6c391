-- Migration: 019_down_replay_without_colon
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down replay
