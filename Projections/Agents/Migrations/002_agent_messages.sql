-- Migration: 002_agent_messages
-- Description: What was said in a session
-- Module: core
-- Depends: 001

-- Up
CREATE TABLE agent_messages (
    id INTEGER NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES agent_sessions (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The id follows the time, so that messages of one millisecond keep the order of the log.
CREATE INDEX idx_agent_messages_session_created ON agent_messages (session_id, created_at, id);

-- On agent_message.appended
-- A model that only calls a tool says nothing: null content is an empty message, not an error.
INSERT INTO agent_messages (id, session_id, role, content, created_at)
VALUES ($message_id, $session_id, $role, coalesce($content, ''), coalesce($at, @time));

-- On agent_message.deleted
DELETE FROM agent_messages
WHERE id = $message_id;

-- On agent_messages.adopted
INSERT INTO agent_messages (
    id, session_id, role, content, created_at
)
VALUES (
    $id, $session_id, $role, $content, $created_at
);

-- Down
DROP TABLE agent_messages;
