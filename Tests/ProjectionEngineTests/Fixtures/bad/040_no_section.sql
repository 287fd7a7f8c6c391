-- Migration: 040_no_section
-- Description: a defect
-- Module: core

-- nothing here
