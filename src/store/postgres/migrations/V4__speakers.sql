-- Operators look up what somebody has said; an erased player's lines are found by it. Found in the text, because reading
-- a document as JSON fails at characters that a document may have and a text of PostgreSQL's may not; within a string of
-- the document the quotes would be escaped.
CREATE INDEX chat_log_player
    ON chat_log ((substring(doc::text from '"player":\s*"([0-9a-f-]{36})"')), at_ms, seq, stream);
