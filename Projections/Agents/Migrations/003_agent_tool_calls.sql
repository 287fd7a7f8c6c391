-- Migration: 003_agent_tool_calls
-- Description: The tools that a session called, and what came of it
-- Module: core
-- Depends: 001, 002

-- Up
-- `tool_call_id` is the model's own id and repeats; `id` is ours and does not.
CREATE TABLE agent_tool_calls (
    id INTEGER NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES agent_sessions (id) ON DELETE CASCADE,
    message_id INTEGER REFERENCES agent_messages (id) ON DELETE SET NULL,
    tool_call_id TEXT NOT NULL,
    tool_name TEXT NOT NULL,
    request TEXT NOT NULL,
    response TEXT,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (
        status IN ('pending', 'executing', 'completed', 'failed')
    ),
    created_at INTEGER NOT NULL,
    completed_at INTEGER,
    execution_time_ms INTEGER,
    error_details TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_agent_tool_calls_session ON agent_tool_calls (session_id);
CREATE INDEX idx_agent_tool_calls_status ON agent_tool_calls (session_id, status);
-- The deletion of a message looks here for its calls, so this one serves the handlers as well.
CREATE INDEX idx_agent_tool_calls_message ON agent_tool_calls (message_id);

-- On agent_tool_call.requested
-- Some models hand over their arguments as JSON in a string: that text is the request. A string
-- that is no JSON becomes a JSON string, so that the column always reads as JSON.
INSERT INTO agent_tool_calls (
    id, session_id, message_id, tool_call_id, tool_name, request, created_at
)
VALUES (
    $call_id, $session_id, $message_id, $tool_call_id, $tool_name,
    iif(json_valid($request), json($request), json_quote($request)),
    coalesce($at, @time)
);

-- On agent_tool_call.execution_started
UPDATE agent_tool_calls
SET status = 'executing'
WHERE id = $call_id;

-- On agent_tool_call.completed
-- `->` and not `->>`: plain text that a tool printed is stored as a JSON string.
UPDATE agent_tool_calls
SET
    status = 'completed',
    response = @data -> '$.response',
    completed_at = coalesce($at, @time),
    execution_time_ms = $execution_time_ms
WHERE id = $call_id;

-- On agent_tool_call.failed
UPDATE agent_tool_calls
SET
    status = 'failed',
    error_details = $error_details,
    completed_at = coalesce($at, @time)
WHERE id = $call_id;

-- On agent_tool_calls.adopted
INSERT INTO agent_tool_calls (
    id, session_id, message_id, tool_call_id, tool_name, request, response, status, created_at,
    completed_at, execution_time_ms, error_details
)
VALUES (
    $id, $session_id, $message_id, $tool_call_id, $tool_name, $request, $response, $status,
    $created_at, $completed_at, $execution_time_ms, $error_details
);

-- Down
DROP TABLE agent_tool_calls;
