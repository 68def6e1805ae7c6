//authgen:if migrate

package auth

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Migrations are the files that [Migrate] applies. Use either Migrate or a migration
// tool, not both.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Migrate brings the tables of this package up to date. It applies the migrations
// that are not yet recorded in the table auth_migrations, in order. Processes that
// start at the same time may all call it.
func Migrate(ctx context.Context, db *sql.DB) error {
	if err := CheckDatabase(ctx, db); err != nil {
		return err
	}
	//authgen:if adopted
	if err := checkAddresses(ctx, db); err != nil {
		return err
	}
	//authgen:end
	// No timeout here: another process may be creating the table.
	if _, err := db.ExecContext(ctx, createMigrations); err != nil {
		return fmt.Errorf("auth: create the table of migrations: %w", err)
	}
	files, err := migrationFiles()
	if err != nil {
		return err
	}
	for _, version := range slices.Sorted(maps.Keys(files)) {
		text, err := Migrations.ReadFile(files[version])
		if err != nil {
			return err
		}
		if err := migrate(ctx, db, version, upStatements(string(text))); err != nil {
			return fmt.Errorf("auth: migration %s: %w", files[version], err)
		}
	}
	return nil
}

// migrationFiles returns the names of the up migrations by number.
func migrationFiles() (map[int64]string, error) {
	names, err := fs.Glob(Migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	files := make(map[int64]string)
	for _, name := range names {
		//authgen:if plain
		if strings.HasSuffix(name, ".down.sql") {
			continue
		}
		//authgen:end
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("auth: migration %s: %w", name, err)
		}
		if other, ok := files[version]; ok {
			return nil, fmt.Errorf("auth: migrations %s and %s have the same number", other, name)
		}
		files[version] = name
	}
	return files, nil
}

// missingMigrations returns the names of the migrations that have not been applied. It
// returns nil if Migrate was never called: then a tool applies them, or the tables are
// missing.
func missingMigrations(ctx context.Context, db *sql.DB) ([]string, error) {
	columns, err := columnsOf(ctx, db, "auth_migrations")
	if err != nil || columns == nil {
		return nil, err
	}
	files, err := migrationFiles()
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, selectMigrations)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return nil, err
		}
		delete(files, version)
	}
	return slices.Sorted(maps.Values(files)), rows.Err()
}

// upStatements returns the statements between "-- +goose Up" and "-- +goose Down",
// or all statements if there is no such line. A statement ends with a semicolon at
// the end of a line or, if it contains semicolons itself, with "-- +goose
// StatementEnd".
func upStatements(text string) []string {
	var statements []string
	var b strings.Builder
	up, block := !strings.Contains(text, "-- +goose Up"), false
	code := false // whether b holds more than comments
	for line := range strings.Lines(text) {
		annotation, annotated := strings.CutPrefix(strings.TrimSpace(line), "-- +goose ")
		switch {
		case annotated && annotation == "Up":
			up = true
		case annotated && annotation == "Down":
			up = false
		case annotated && annotation == "StatementBegin":
			block = true
		case annotated && annotation == "StatementEnd":
			block = false
		case up:
			b.WriteString(line)
		}
		if !up || annotated && annotation != "StatementEnd" {
			continue
		}
		text, _, _ := strings.Cut(line, "--")
		text = strings.TrimSpace(text)
		code = code || text != ""
		if !block && (strings.HasSuffix(text, ";") || annotated) {
			statements = append(statements, strings.TrimSpace(b.String()))
			b.Reset()
			code = false
		}
	}
	if code {
		statements = append(statements, strings.TrimSpace(b.String()))
	}
	return statements
}
