-- authgen:if sqlite
-- authgen:class migration

-- +goose Up
CREATE TABLE auth_ended_sessions (
    handle     TEXT    NOT NULL PRIMARY KEY, -- of a session, or of its family
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_ended_sessions_expires_at ON auth_ended_sessions (expires_at);

-- +goose Down
DROP TABLE auth_ended_sessions;
