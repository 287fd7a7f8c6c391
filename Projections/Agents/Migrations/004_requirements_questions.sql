-- Migration: 004_requirements_questions
-- Description: Questions that the requirements agent asks, and the answers
-- Module: requirements
-- Depends: 001, 003

-- Up
CREATE TABLE project_requirements_qna (
    id INTEGER NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES agent_sessions (id) ON DELETE CASCADE,
    tool_call_id INTEGER REFERENCES agent_tool_calls (id) ON DELETE CASCADE,
    question_id TEXT NOT NULL,
    question TEXT NOT NULL,
    description TEXT,
    response_type TEXT NOT NULL DEFAULT 'text',
    answer TEXT,
    created_at INTEGER NOT NULL,
    answered_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_project_requirements_qna_session ON project_requirements_qna (session_id);
-- The deletion of a tool call looks here for its questions.
CREATE INDEX idx_project_requirements_qna_call ON project_requirements_qna (tool_call_id);

-- On requirements.questions_asked
-- `filepath` is an old spelling of `file_path`: one of the two is stored, or readers miss it.
INSERT INTO project_requirements_qna (
    id, session_id, tool_call_id, question_id, question, description, response_type, created_at
)
SELECT
    q.value ->> '$.qna_id',
    $session_id,
    $call_id,
    q.value ->> '$.question_id',
    q.value ->> '$.question',
    q.value ->> '$.description',
    CASE q.value ->> '$.response_type'
        WHEN 'filepath' THEN 'file_path'
        ELSE coalesce(q.value ->> '$.response_type', 'text')
    END,
    coalesce($at, @time)
FROM json_each($questions) AS q;

-- On requirements.answers_recorded
UPDATE project_requirements_qna
SET answer = a.value, answered_at = coalesce($at, @time)
FROM json_each($answers) AS a
WHERE
    project_requirements_qna.session_id = $session_id
    AND project_requirements_qna.question_id = a.key;

-- On project_requirements_qna.adopted
INSERT INTO project_requirements_qna (
    id, session_id, tool_call_id, question_id, question, description, response_type, answer,
    created_at, answered_at
)
VALUES (
    $id, $session_id, $tool_call_id, $question_id, $question, $description, $response_type, $answer,
    $created_at, $answered_at
);

-- Down
DROP TABLE project_requirements_qna;
