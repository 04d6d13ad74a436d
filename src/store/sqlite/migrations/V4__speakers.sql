-- Operators look up what somebody has said; an erased player's lines are found by it.
CREATE INDEX chat_log_player ON chat_log (doc ->> '$.player', at_ms, seq, stream);
