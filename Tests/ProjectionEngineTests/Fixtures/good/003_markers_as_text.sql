-- Migration: 003_markers_as_text
-- Description: Lines that look like markers and are none
-- Module: core

-- Up
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    -- Depends: on nothing
    -- down to the last column
    body TEXT NOT NULL DEFAULT 'a
-- Down
b; -- On x.y
'
);
/* A block comment:
-- Down
-- Module: other
*/
CREATE TRIGGER notes_touch AFTER UPDATE ON notes
BEGIN
    UPDATE notes SET body = CASE WHEN new.body = ';' THEN 'END;' ELSE body END
-- On note.touched
    WHERE id = new.id;
-- Down
    DELETE FROM notes WHERE id < 0;
-- Off note.touched
END;
CREATE TABLE "odd
-- Down
name" (id INTEGER PRIMARY KEY);
CREATE TABLE [odd
-- Down
too] (id INTEGER PRIMARY KEY);

-- On note.added
INSERT INTO notes (id, body) VALUES ($id, '
-- Up
');

-- Down: replay
-- The notes' bodies changed.
