-- authgen:if mysql
-- authgen:class migration

-- +goose Up
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

-- +goose Down
DROP TABLE auth_sessions;
