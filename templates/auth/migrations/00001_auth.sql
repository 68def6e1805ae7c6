-- authgen:if sqlite
-- authgen:class migration

-- +goose Up
-- authgen:if new_users
CREATE TABLE auth_users (
    id              TEXT    NOT NULL PRIMARY KEY,
    email           TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    email_verified  INTEGER NOT NULL,
    password_hash   TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    disabled        INTEGER NOT NULL,
    session_version INTEGER NOT NULL,
    display_name    TEXT    NOT NULL DEFAULT '', phone TEXT NOT NULL DEFAULT '', newsletter INTEGER NOT NULL DEFAULT 0, -- authgen:value profile_columns
    created_at      INTEGER NOT NULL -- Unix milliseconds, like all times
) STRICT;

-- authgen:end
-- authgen:if new_sessions
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
-- authgen:end
-- authgen:if new_ended_sessions
CREATE TABLE auth_ended_sessions (
    handle     TEXT    NOT NULL PRIMARY KEY, -- of a session, or of its family
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_ended_sessions_expires_at ON auth_ended_sessions (expires_at);
-- authgen:end
-- authgen:value change_columns

-- +goose Down
-- authgen:value restore_columns
-- authgen:if new_sessions
DROP TABLE auth_sessions;
-- authgen:end
-- authgen:if new_ended_sessions
DROP TABLE auth_ended_sessions;
-- authgen:end
-- authgen:if new_users
DROP TABLE auth_users;
-- authgen:end
