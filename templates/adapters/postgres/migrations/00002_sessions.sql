-- authgen:if postgres
-- authgen:class migration

-- +goose Up
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

-- +goose Down
DROP TABLE auth_sessions;
