-- authgen:if adopted
-- authgen:class migration

-- +goose Up
CREATE TABLE auth_accounts (
    user_id         INTEGER NOT NULL PRIMARY KEY, -- authgen:value account_id
    session_version INTEGER NOT NULL, -- authgen:value account_version
    email_verified  BOOLEAN NOT NULL DEFAULT FALSE, -- authgen:value account_columns
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE -- authgen:value account_reference
); -- authgen:value account_end
-- authgen:value email_index

-- +goose Down
-- authgen:value drop_email_index
DROP TABLE auth_accounts;
