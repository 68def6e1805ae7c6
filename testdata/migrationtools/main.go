// Migrationtools applies migrations with the libraries of the migration tools that authgen
// supports, so that a test can check that each tool accepts them. It is a separate module,
// so that authgen does not require these libraries.
//
// Usage:
//
//	migrationtools DATABASE DSN SCHEMA COMMAND
//
// DATABASE is sqlite, postgres or mysql. SCHEMA is the PostgreSQL schema or the MySQL
// database to use; if it is empty, the one in the DSN is used.
//
// The commands are:
//
//	goose|golang-migrate|tern up|down DIR    apply or roll back all migrations; print the version
//	atlas up DIR                             verify atlas.sum and apply all migrations
//	exec                                     execute the statements on standard input
//	query                                    run the query on standard input; print its only column
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"

	atlas "ariga.io/atlas/sql/migrate"
	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/database/mysql"
	postgres "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/database/sqlite"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	tern "github.com/jackc/tern/v2/migrate"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "migrationtools:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) < 4 {
		return errors.New("usage: migrationtools DATABASE DSN SCHEMA COMMAND")
	}
	t := target{args[0], args[1], args[2]}
	command, args := args[3], args[4:]
	switch {
	case command == "exec" && len(args) == 0:
		return t.exec(ctx, stdin)
	case command == "query" && len(args) == 0:
		return t.query(ctx, stdin, stdout)
	case command == "atlas" && len(args) == 2 && args[0] == "up":
		return t.atlas(ctx, args[1])
	case len(args) != 2 || args[0] != "up" && args[0] != "down":
		return fmt.Errorf("%s %q: no such command", command, args)
	}
	tool, ok := map[string]func(context.Context, bool, string) (int64, error){
		"goose":          t.goose,
		"golang-migrate": t.golangMigrate,
		"tern":           t.tern,
	}[command]
	if !ok {
		return fmt.Errorf("%s: no such tool", command)
	}
	version, err := tool(ctx, args[0] == "up", args[1])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, version)
	return err
}

// A target is the database that migrations are applied to.
type target struct{ database, dsn, schema string }

// open opens the target. If several is true, MySQL accepts several statements in one query,
// for tools that do not split a migration into statements.
func (t target) open(several bool) (*sql.DB, error) {
	switch t.database {
	case "sqlite":
		return sql.Open("sqlite", t.dsn)
	case "postgres":
		config, err := t.postgres()
		if err != nil {
			return nil, err
		}
		return stdlib.OpenDB(*config), nil
	case "mysql":
		config, err := mysqldriver.ParseDSN(t.dsn)
		if err != nil {
			return nil, err
		}
		if t.schema != "" {
			config.DBName = t.schema
		}
		config.MultiStatements = several
		connector, err := mysqldriver.NewConnector(config)
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(connector), nil
	}
	return nil, fmt.Errorf("%s: no such database", t.database)
}

func (t target) postgres() (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(t.dsn)
	if err == nil && t.schema != "" {
		config.RuntimeParams["search_path"] = t.schema
	}
	return config, err
}

func (t target) goose(ctx context.Context, up bool, dir string) (version int64, err error) {
	db, err := t.open(false)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	dialect := map[string]goose.Dialect{"sqlite": goose.DialectSQLite3, "postgres": goose.DialectPostgres, "mysql": goose.DialectMySQL}[t.database]
	provider, err := goose.NewProvider(dialect, db, os.DirFS(dir))
	if err != nil {
		return 0, err
	}
	if up {
		_, err = provider.Up(ctx)
	} else {
		_, err = provider.DownTo(ctx, 0)
	}
	if err != nil {
		return 0, err
	}
	return provider.GetDBVersion(ctx)
}

func (t target) golangMigrate(_ context.Context, up bool, dir string) (version int64, err error) {
	source, err := iofs.New(os.DirFS(dir), ".")
	if err != nil {
		return 0, err
	}
	// For MySQL, the documentation of golang-migrate asks for multiStatements=true.
	db, err := t.open(true)
	if err != nil {
		return 0, err
	}
	var driver database.Driver
	switch t.database {
	case "sqlite":
		driver, err = sqlite.WithInstance(db, &sqlite.Config{})
	case "postgres":
		driver, err = postgres.WithInstance(db, &postgres.Config{})
	case "mysql":
		driver, err = mysql.WithInstance(db, &mysql.Config{})
	}
	if err != nil {
		return 0, errors.Join(err, db.Close())
	}
	m, err := migrate.NewWithInstance("migrations", source, t.database, driver)
	if err != nil {
		return 0, errors.Join(err, driver.Close())
	}
	defer func() {
		sourceErr, databaseErr := m.Close()
		err = errors.Join(err, sourceErr, databaseErr)
	}()
	if up {
		err = m.Up()
	} else {
		err = m.Down()
	}
	if err != nil && !errors.Is(err, migrate.ErrNoChange) {
		return 0, err
	}
	number, dirty, err := m.Version()
	switch {
	case errors.Is(err, migrate.ErrNilVersion):
		return 0, nil
	case dirty:
		return 0, fmt.Errorf("version %d is dirty", number)
	}
	return int64(number), err
}

func (t target) tern(ctx context.Context, up bool, dir string) (version int64, err error) {
	config, err := t.postgres()
	if err != nil {
		return 0, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	m, err := tern.NewMigrator(ctx, conn, "schema_version")
	if err != nil {
		return 0, err
	}
	if err := m.LoadMigrations(os.DirFS(dir)); err != nil {
		return 0, err
	}
	if up {
		err = m.Migrate(ctx)
	} else {
		err = m.MigrateTo(ctx, 0)
	}
	if err != nil {
		return 0, err
	}
	number, err := m.GetCurrentVersion(ctx)
	return int64(number), err
}

// atlas does what Atlas's executor does. The executor itself needs drivers that depend on
// many modules.
func (t target) atlas(ctx context.Context, dir string) (err error) {
	local, err := atlas.NewLocalDir(dir)
	if err != nil {
		return err
	}
	if err := atlas.Validate(local); err != nil {
		return err
	}
	files, err := local.Files()
	if err != nil {
		return err
	}
	db, err := t.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, f := range files {
		statements, err := f.Stmts()
		if err != nil {
			return err
		}
		for _, statement := range statements {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", f.Name(), err)
			}
		}
	}
	return nil
}

func (t target) exec(ctx context.Context, stdin io.Reader) (err error) {
	statements, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	db, err := t.open(true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, string(statements))
	return err
}

func (t target) query(ctx context.Context, stdin io.Reader, stdout io.Writer) (err error) {
	statement, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	db, err := t.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, string(statement))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(stdout, row); err != nil {
			return err
		}
	}
	return rows.Err()
}
