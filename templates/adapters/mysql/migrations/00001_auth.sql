-- authgen:if mysql
-- authgen:class migration

-- +goose Up
-- authgen:if new_users
CREATE TABLE auth_users (
    id              BINARY(16) NOT NULL PRIMARY KEY, -- the bytes of a UUID
    email           VARCHAR(254) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL UNIQUE, -- case-insensitive
    email_verified  BOOLEAN NOT NULL,
    password_hash   VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    role            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    disabled        BOOLEAN NOT NULL,
    session_version INT UNSIGNED NOT NULL,
    display_name    TEXT NOT NULL DEFAULT (''), phone TEXT NOT NULL DEFAULT (''), newsletter BOOLEAN NOT NULL DEFAULT FALSE, -- authgen:value profile_columns
    created_at      DATETIME(3) NOT NULL -- UTC, like all times
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- authgen:end
-- authgen:if new_sessions
CREATE TABLE auth_sessions (
    user_id          BINARY(16) NOT NULL,
    handle           CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- SHA-256 of the id in the cookie
    family           CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- shared by a session and those that replaced it
    user_agent       VARCHAR(256) NOT NULL,
    client           VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    authenticated_at DATETIME(3) NOT NULL,
    created_at       DATETIME(3) NOT NULL,
    seen_at          DATETIME(3) NOT NULL,
    expires_at       DATETIME(3) NOT NULL,
    PRIMARY KEY (user_id, handle), -- so that ending a user's sessions locks no other rows
    KEY auth_sessions_expires_at (expires_at),
    FOREIGN KEY (user_id) REFERENCES auth_users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- authgen:end
-- authgen:if new_ended_sessions
CREATE TABLE auth_ended_sessions (
    handle     CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, -- of a session, or of its family
    expires_at DATETIME(3) NOT NULL,
    KEY auth_ended_sessions_expires_at (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
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
