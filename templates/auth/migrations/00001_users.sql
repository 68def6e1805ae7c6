-- authgen:if sqlite
-- authgen:class migration

-- +goose Up
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

-- +goose Down
DROP TABLE auth_users;
