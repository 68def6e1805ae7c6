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
	"time"
)

// Migrations are the files that [Migrate] applies. They are in the format of
// goose, which can be used instead: with one of the two, not with both.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Migrate brings the tables of this package up to date. It applies the
// migrations that the database has not had yet, in order, each in a transaction,
// and remembers them in the table auth_migrations.
func Migrate(ctx context.Context, db *sql.DB) error {
	if err := checkDatabase(ctx, db); err != nil {
		return err
	}
	_, err := exec(ctx, db, "create the table of migrations",
		`CREATE TABLE IF NOT EXISTS auth_migrations (version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT`)
	if err != nil {
		return err
	}
	names, err := fs.Glob(Migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	files := make(map[int64]string)
	for _, name := range names {
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return fmt.Errorf("auth: migration %s: %w", name, err)
		}
		if other, ok := files[version]; ok {
			return fmt.Errorf("auth: migrations %s and %s have the same number", other, name)
		}
		files[version] = name
	}
	for _, version := range slices.Sorted(maps.Keys(files)) {
		if err := migrate(ctx, db, version, files[version]); err != nil {
			return fmt.Errorf("auth: migration %s: %w", files[version], err)
		}
	}
	return nil
}

func migrate(ctx context.Context, db *sql.DB, version int64, name string) error {
	text, err := Migrations.ReadFile(name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	// The row comes first: of two processes that start together, one waits here
	// and then finds the work done.
	n, err := exec(ctx, tx, "note the migration",
		`INSERT INTO auth_migrations (version, applied_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, version, dbTime(time.Now()))
	if err != nil || n == 0 {
		return err
	}
	for _, statement := range upStatements(string(text)) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// upStatements returns the statements between "-- +goose Up" and "-- +goose
// Down". A statement ends with a semicolon at the end of a line, or, where it
// holds semicolons itself, with "-- +goose StatementEnd".
func upStatements(text string) []string {
	var statements []string
	var b strings.Builder
	up, block := false, false
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
