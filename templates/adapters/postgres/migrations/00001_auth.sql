-- authgen:if postgres
-- authgen:class migration

-- +goose Up
-- authgen:if new_users
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

-- authgen:end
-- authgen:if new_sessions
CREATE TABLE auth_sessions (
    handle           TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of the id in the cookie
    family           TEXT COLLATE "C" NOT NULL, -- shared by a session and those that replaced it
    user_id          UUID NOT NULL REFERENCES auth_users (id) ON DELETE CASCADE,
    user_agent       TEXT NOT NULL,
    client           TEXT NOT NULL,
    authenticated_at TIMESTAMPTZ NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    seen_at          TIMESTAMPTZ NOT NULL,
    expires_at       TIMESTAMPTZ NOT NULL
) WITH (
    -- seen_at changes often. With free space on its page, a row is updated without
    -- writing to the indexes.
    fillfactor = 80
);
CREATE INDEX auth_sessions_user_id ON auth_sessions (user_id);
CREATE INDEX auth_sessions_expires_at ON auth_sessions (expires_at);
-- authgen:end
-- authgen:if new_ended_sessions
CREATE TABLE auth_ended_sessions (
    handle     TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- of a session, or of its family
    expires_at TIMESTAMPTZ NOT NULL
);
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
