-- authgen:if sqlite
-- authgen:class migration

-- +goose Up
CREATE TABLE auth_sessions (
    handle           TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of the id in the cookie
    family           TEXT    NOT NULL, -- shared by a session and those that replaced it
    user_id          TEXT    NOT NULL REFERENCES auth_users (id) ON DELETE CASCADE,
    user_agent       TEXT    NOT NULL,
    client           TEXT    NOT NULL,
    authenticated_at INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    seen_at          INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_sessions_user_id ON auth_sessions (user_id);
CREATE INDEX auth_sessions_expires_at ON auth_sessions (expires_at);

-- +goose Down
DROP TABLE auth_sessions;
