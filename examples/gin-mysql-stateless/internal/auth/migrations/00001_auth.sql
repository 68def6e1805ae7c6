-- Written by authgen. To change the tables, add another migration.

-- +goose Up
CREATE TABLE auth_users (
    id              BINARY(16) NOT NULL PRIMARY KEY, -- the bytes of a UUID
    email           VARCHAR(254) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL UNIQUE, -- case-insensitive
    email_verified  BOOLEAN NOT NULL,
    password_hash   VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    role            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    disabled        BOOLEAN NOT NULL,
    session_version INT UNSIGNED NOT NULL,
    display_name    TEXT    NOT NULL DEFAULT (''),
    created_at      DATETIME(3) NOT NULL -- UTC, like all times
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE auth_ended_sessions (
    handle     CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, -- of a session, or of its family
    expires_at DATETIME(3) NOT NULL,
    KEY auth_ended_sessions_expires_at (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- +goose Down
DROP TABLE auth_ended_sessions;
DROP TABLE auth_users;
