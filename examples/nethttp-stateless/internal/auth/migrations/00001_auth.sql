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
    phone           TEXT    NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL -- Unix milliseconds, as all times
) STRICT;

CREATE TABLE auth_ended_sessions (
    handle     TEXT    NOT NULL PRIMARY KEY, -- of a session, or of its family
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_ended_sessions_expires_at ON auth_ended_sessions (expires_at);

-- +goose Down
DROP TABLE auth_ended_sessions;
DROP TABLE auth_users;
