-- Migration: 055_up_none_alone
-- Description: a defect
-- Module: core

-- Up: none
-- Down: replay
