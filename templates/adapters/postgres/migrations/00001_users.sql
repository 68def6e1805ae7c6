-- authgen:if postgres
-- authgen:class migration

-- +goose Up
CREATE TABLE auth_users (
    id              UUID    NOT NULL PRIMARY KEY,
    -- Addresses are ASCII. The C collation compares them faster, and a change of the
    -- operating system's locales cannot corrupt the index.
    email           TEXT    COLLATE "C" NOT NULL UNIQUE CHECK (email = lower(email)),
    email_verified  BOOLEAN NOT NULL,
    password_hash   TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    disabled        BOOLEAN NOT NULL,
    session_version BIGINT  NOT NULL,
    display_name    TEXT    NOT NULL DEFAULT '', phone TEXT NOT NULL DEFAULT '', newsletter BOOLEAN NOT NULL DEFAULT FALSE, -- authgen:value profile_columns
    created_at      TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE auth_users;
