-- Written by authgen. To change the tables, add another migration.

-- +goose Up
CREATE TABLE auth_users (
    id              UUID    NOT NULL PRIMARY KEY,
    -- Addresses are ASCII. In the order of bytes they compare faster, and new locales
    -- of the operating system cannot spoil the index.
    email           TEXT    COLLATE "C" NOT NULL UNIQUE CHECK (email = lower(email)),
    email_verified  BOOLEAN NOT NULL,
    password_hash   TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    disabled        BOOLEAN NOT NULL,
    session_version BIGINT  NOT NULL,
    display_name    TEXT    NOT NULL DEFAULT '',
    created_at      TIMESTAMPTZ NOT NULL
);

CREATE TABLE auth_sessions (
    handle           TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of the id in the cookie
    family           TEXT COLLATE "C" NOT NULL, -- the same for all by which a user replaced a session
    user_id          UUID NOT NULL REFERENCES auth_users (id) ON DELETE CASCADE,
    user_agent       TEXT NOT NULL,
    client           TEXT NOT NULL,
    authenticated_at TIMESTAMPTZ NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    seen_at          TIMESTAMPTZ NOT NULL,
    expires_at       TIMESTAMPTZ NOT NULL
) WITH (
    -- seen_at changes often. Room for the next version of a row, on the same page,
    -- saves writing to the indexes.
    fillfactor = 80
);
CREATE INDEX auth_sessions_user_id ON auth_sessions (user_id);
CREATE INDEX auth_sessions_expires_at ON auth_sessions (expires_at);

-- +goose Down
DROP TABLE auth_sessions;
DROP TABLE auth_users;
