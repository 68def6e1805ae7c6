//authgen:if adopted && (migrate || nocase)

package auth

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// selectShared selects addresses that several users have. Case does not count.
const selectShared = `SELECT lower(email)` //authgen:value duplicate_emails

// sharedAddresses returns some of the addresses that several users have.
func sharedAddresses(ctx context.Context, db *sql.DB) (addresses []string, err error) {
	rows, err := db.QueryContext(ctx, selectShared)
	if err != nil {
		return nil, fmt.Errorf("auth: look for addresses that several users have: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return nil, fmt.Errorf("auth: look for addresses that several users have: %w", err)
		}
		addresses = append(addresses, address)
	}
	return addresses, rows.Err()
}

// checkAddresses returns an error if several users have the same address, unless the tables
// of this package exist already.
//
//authgen:if migrate
func checkAddresses(ctx context.Context, db *sql.DB) error {
	columns, err := columnsOf(ctx, db, "auth_accounts")
	if err != nil || columns != nil {
		return err
	}
	shared, err := sharedAddresses(ctx, db)
	if err != nil || shared == nil {
		return err
	}
	return fmt.Errorf("auth: nothing was migrated, since several users have the address %s; change or merge them: %s", strings.Join(shared, ", "), selectShared)
}
