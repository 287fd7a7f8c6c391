-- Migration: 001_hook_events
-- Description: Events that agents' hooks sent, and the sessions they belong to
-- Module: core

-- Up
-- Many events share a session, so nothing can refer to events.session_id. A session therefore is
-- a row of its own, fed by its events: it comes with the first and goes with the last of them.
CREATE TABLE hook_sessions (
    session_id TEXT NOT NULL PRIMARY KEY,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    event_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id INTEGER NOT NULL PRIMARY KEY,
    source_app TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES hook_sessions (session_id) ON DELETE CASCADE,
    hook_event_type TEXT NOT NULL,
    payload TEXT NOT NULL,
    chat TEXT,
    summary TEXT,
    timestamp INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_events_source_app ON events (source_app);
-- With the time: the first and last event of a session are found without reading the others.
CREATE INDEX idx_events_session_id ON events (session_id, timestamp);
CREATE INDEX idx_events_hook_event_type ON events (hook_event_type);
CREATE INDEX idx_events_timestamp ON events (timestamp);

-- On hook_event.received
-- The session first: its event refers to it.
INSERT INTO hook_sessions (session_id, first_seen, last_seen, event_count)
VALUES ($session_id, coalesce($timestamp, @time), coalesce($timestamp, @time), 1)
ON CONFLICT (session_id) DO UPDATE SET
    first_seen = min(first_seen, excluded.first_seen),
    last_seen = max(last_seen, excluded.last_seen),
    event_count = event_count + 1;

INSERT INTO events (
    id, source_app, session_id, hook_event_type, payload, chat, summary, timestamp
)
VALUES (
    $hook_event_id, $source_app, $session_id, $hook_event_type, @data -> '$.payload',
    json($chat), $summary, coalesce($timestamp, @time)
);

-- On hook_event.deleted
-- The session is measured again before the event goes, while the event still names it.
UPDATE hook_sessions AS s
SET
    event_count = event_count - 1,
    first_seen = coalesce((
        SELECT min(e.timestamp)
        FROM events AS e
        WHERE e.session_id = s.session_id AND e.id <> $hook_event_id
    ), first_seen),
    last_seen = coalesce((
        SELECT max(e.timestamp)
        FROM events AS e
        WHERE e.session_id = s.session_id AND e.id <> $hook_event_id
    ), last_seen)
WHERE s.session_id = (SELECT e.session_id FROM events AS e WHERE e.id = $hook_event_id);

DELETE FROM hook_sessions
WHERE
    event_count = 0
    AND session_id = (SELECT e.session_id FROM events AS e WHERE e.id = $hook_event_id);

DELETE FROM events
WHERE id = $hook_event_id;

-- On hook_session.deleted
DELETE FROM hook_sessions
WHERE session_id = $session_id;

-- On hook_sessions.adopted
INSERT INTO hook_sessions (
    session_id, first_seen, last_seen, event_count
)
VALUES (
    $session_id, $first_seen, $last_seen, $event_count
);

-- On events.adopted
INSERT INTO events (
    id, source_app, session_id, hook_event_type, payload, chat, summary, timestamp
)
VALUES (
    $id, $source_app, $session_id, $hook_event_type, $payload, $chat, $summary, $timestamp
);

-- Down
DROP TABLE events;
DROP TABLE hook_sessions;
