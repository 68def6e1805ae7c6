-- authgen:if mysql
-- authgen:class migration

-- +goose Up
CREATE TABLE auth_ended_sessions (
    handle     CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, -- of a session, or of its family
    expires_at DATETIME(3) NOT NULL,
    KEY auth_ended_sessions_expires_at (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- +goose Down
DROP TABLE auth_ended_sessions;
