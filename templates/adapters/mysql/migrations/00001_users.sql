-- authgen:if mysql
-- authgen:class migration

-- +goose Up
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

-- +goose Down
DROP TABLE auth_users;
