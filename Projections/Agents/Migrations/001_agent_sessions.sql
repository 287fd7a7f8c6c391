-- Migration: 001_agent_sessions
-- Description: One row for each run of an agent
-- Module: core

-- Up
-- WITHOUT ROWID: an event without an id is refused instead of getting an invented one.
CREATE TABLE agent_sessions (
    id INTEGER NOT NULL PRIMARY KEY,
    agent_name TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    system_prompt TEXT,
    user_prompt TEXT NOT NULL,
    config TEXT,
    status TEXT NOT NULL DEFAULT 'running' CHECK (
        status IN ('running', 'completed', 'failed', 'waiting_for_user_input')
    ),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    result TEXT,
    error TEXT
) STRICT, WITHOUT ROWID;

-- On agent_session.started
INSERT INTO agent_sessions (
    id, agent_name, provider, model, system_prompt, user_prompt, config, started_at
)
VALUES (
    $session_id, $agent_name, $provider, $model, $system_prompt, $user_prompt, json($config),
    coalesce($at, @time)
);

-- On agent_session.completed
UPDATE agent_sessions
SET status = 'completed', result = $result, ended_at = coalesce($at, @time)
WHERE id = $session_id;

-- On agent_session.failed
UPDATE agent_sessions
SET status = 'failed', error = $error, ended_at = coalesce($at, @time)
WHERE id = $session_id;

-- On agent_session.paused_for_user_input
UPDATE agent_sessions
SET status = 'waiting_for_user_input'
WHERE id = $session_id;

-- On agent_session.resumed
UPDATE agent_sessions
SET status = 'running'
WHERE id = $session_id;

-- On agent_session.deleted
DELETE FROM agent_sessions
WHERE id = $session_id;

-- On agent_sessions.adopted
INSERT INTO agent_sessions (
    id, agent_name, provider, model, system_prompt, user_prompt, config, status, started_at,
    ended_at, result, error
)
VALUES (
    $id, $agent_name, $provider, $model, $system_prompt, $user_prompt, $config, $status,
    $started_at, $ended_at, $result, $error
);

-- Down
DROP TABLE agent_sessions;
