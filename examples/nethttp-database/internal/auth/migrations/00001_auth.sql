-- Written by authgen. To change the tables, add another migration.

-- +goose Up
CREATE TABLE auth_users (
    id              TEXT    NOT NULL PRIMARY KEY,
    email           TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    email_verified  INTEGER NOT NULL,
    password_hash   TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    disabled        INTEGER NOT NULL,
    session_version INTEGER NOT NULL,
    display_name    TEXT    NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL -- Unix milliseconds, like all times
) STRICT;

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
DROP TABLE auth_users;
