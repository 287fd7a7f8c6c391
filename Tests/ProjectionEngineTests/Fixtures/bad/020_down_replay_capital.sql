-- Migration: 020_down_replay_capital
-- Description: a defect
-- Module: core

-- Up
CREATE TABLE t (id INTEGER PRIMARY KEY);

-- Down: Replay
