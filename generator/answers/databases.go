package answers

import "slices"

// A Database is a database that queries and migrations can be written for. The
// statements that differ are in the folder of its name in the templates' adapters, the
// application's settings in that in apps.
type Database struct {
	Value

	Title string // what it is called in a sentence
	Tag   string // what directives call it
	// Drivers are packages for database/sql; the first is the usual one.
	Drivers []Driver
	// Server names the server that it takes, and is empty if it takes none.
	Server string
	// Source is an example of what SourceVariable holds.
	Source string
	// TestVariable is the environment variable with the server that this module's own
	// tests use.
	TestVariable string
	// Reserved is what names of tables must not begin with.
	Reserved string

	// The following tell that a program uses the database, beside imports of its
	// drivers.

	Names    []string  // what drivers, ORMs and sqlc call it in a string
	Sources  []string  // what only its data source names contain
	Wrappers []Wrapper // packages for it, of others

	Quote              string // what is around a name that is a word of SQL
	Now                string // the time in SQL, as a table of an application has it
	Returning          bool   // whether INSERT has RETURNING
	LockRows           string // what SELECT has at its end to make other writers wait; empty if it cannot
	IDType             string // of the column with the id of a user of the package's own table
	TimeType, WordType string // of columns for times, and for names such as those of roles
	Strict             bool   // whether tables accept only the types of the database itself
	TableOptions       string // what CREATE TABLE has at its end
	// How tables of applications usually have a number that the database chooses, with %s
	// for its type, an address, and a time.
	Serial, AddressType, MomentType string
	FirstID                         string            // what sets the next number of a {table}, whose {name} is without quotes, with a key {id}
	Numbered                        bool              // placeholders are $1, $2 and so on, and not ?
	Columns                         map[string]Column // by the type of a profile field
	Types                           ColumnTypes
}

// A Column is how a field is stored.
type Column struct {
	Type    string
	Default string // what a row has that says nothing of the field
}

// A Driver is a driver for a database. Its name is the path of its module.
type Driver struct {
	Value

	Oldest  string   // as in [Versions]
	Pins    []Pin    // newest first
	Tag     string   // what directives call it
	Imports []string // names of packages of the module that emitted code, or a test beside it, may import
	Import  string   // path of the package that registers the driver
	Opens   string   // the name that it is registered under
	Source  string   // Go expression for the data source name
	Cgo     bool     // whether it works only with cgo
}

// A Wrapper is a package that is for one database and not among its Drivers: a dialect of
// an ORM, or a driver that authgen has no code for.
type Wrapper struct {
	Import string // path; packages below it count as well
	Const  string // if the package is for other databases too, what it calls this one
	// Driver is the driver that the package brings. It is empty if the program imports
	// one beside it.
	Driver string
	// Apart is whether the emitted code cannot use its connections, since they are not
	// for database/sql or have errors of their own. The program opens others beside them.
	Apart bool
}

const (
	databaseURL   = `os.Getenv("` + SourceVariable + `")`
	sqlitePragmas = "\"file:app.db?_pragma=busy_timeout(5000)\"+\n\t\"&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate\""
)

// SourceVariable is the environment variable with the data source name, where the
// application has no other.
const SourceVariable = "DATABASE_URL"

// Databases are the databases that authgen knows.
var Databases = []Database{
	{
		Value:    Value{"sqlite", "one file and no server to run; one writer at a time, and one machine"},
		Title:    "SQLite",
		Quote:    `"`,
		Tag:      "sqlite",
		Reserved: "sqlite",
		Names:    []string{"sqlite", "sqlite3"},
		Sources:  []string{"sqlite://", "sqlite3://", "file::memory:", "?_pragma=", "&_pragma=", "_journal_mode=", "_busy_timeout="},
		Wrappers: []Wrapper{
			{Import: "gorm.io/driver/sqlite", Driver: "github.com/mattn/go-sqlite3"},
			{Import: "github.com/jinzhu/gorm/dialects/sqlite", Driver: "github.com/mattn/go-sqlite3"},
			{Import: "github.com/glebarez/sqlite", Driver: "modernc.org/sqlite"},
			{Import: "github.com/glebarez/go-sqlite", Driver: "modernc.org/sqlite"},
			{Import: "github.com/uptrace/bun/driver/sqliteshim", Driver: "modernc.org/sqlite"},
			{Import: "github.com/uptrace/bun/dialect/sqlitedialect"},
			{Import: "github.com/doug-martin/goqu/v9/dialect/sqlite3"},
			{Import: "entgo.io/ent/dialect", Const: "SQLite"},
			{Import: "zombiezen.com/go/sqlite", Apart: true},
			{Import: "crawshaw.io/sqlite", Apart: true},
		},
		Now:          "CURRENT_TIMESTAMP",
		Returning:    true,
		IDType:       "TEXT",
		Strict:       true,
		TableOptions: " STRICT",
		Serial:       "%s PRIMARY KEY AUTOINCREMENT",
		FirstID:      "INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', %d)",
		AddressType:  "TEXT NOT NULL COLLATE NOCASE UNIQUE",
		MomentType:   "DATETIME",
		TimeType:     "INTEGER",
		WordType:     "TEXT",
		Columns: map[string]Column{
			"string": {"TEXT", "''"},
			"bool":   {"INTEGER", "0"},
			"int":    {"INTEGER", "0"},
		},
		Types: ColumnTypes{
			Models: map[string]string{
				"string": "text", "bytes": "blob", "bool": "boolean", "time": "datetime", "uuid": "uuid", "float": "real", "json": "json",
				"int64": "integer", "int32": "integer", "int16": "integer", "uint64": "integer", "uint32": "integer", "uint16": "integer",
			},
			RowID: "integer", Numbers: true, Loose: true,
		},
		Drivers: []Driver{
			{
				Value:  Value{"modernc.org/sqlite", "SQLite in pure Go: builds without cgo and cross-compiles; needs exactly the version of modernc.org/libc that it names"},
				Oldest: "v1.18.2",
				Pins: []Pin{
					{"v1.61.1", "1.26.0"},
					{"v1.59.0", "1.25.0"},
					{"v1.46.1", "1.24.0"},
				},
				Tag:     "modernc",
				Imports: []string{"sqlite"},
				Import:  "modernc.org/sqlite",
				Opens:   "sqlite",
				Source:  sqlitePragmas,
			},
			{
				Value:   Value{"github.com/mattn/go-sqlite3", "SQLite itself, in C; needs cgo, and a C compiler for each system that it is built for"},
				Oldest:  "v1.14.10",
				Pins:    []Pin{{"v1.14.53", "1.21"}},
				Tag:     "mattn",
				Imports: []string{"sqlite3"},
				Import:  "github.com/mattn/go-sqlite3",
				Opens:   "sqlite3",
				Cgo:     true,
				Source:  "\"file:app.db?_busy_timeout=5000\"+\n\t\"&_journal_mode=WAL&_foreign_keys=1&_txlock=immediate\"",
			},
			{
				Value: Value{"github.com/ncruces/go-sqlite3", "SQLite as WebAssembly: builds without cgo and cross-compiles; its API may still change"},
				// Before v0.34.1, a program may crash when it calls a function of C on a
				// string that lies before memory that was shared with other processes.
				Oldest: "v0.34.1",
				Pins: []Pin{
					{"v0.37.0", "1.26.0"},
					{"v0.35.3", "1.25.0"},
				},
				Tag:     "ncruces",
				Imports: []string{"driver", "sqlite3"},
				Import:  "github.com/ncruces/go-sqlite3/driver",
				Opens:   "sqlite3",
				Source:  sqlitePragmas,
			},
		},
	},
	{
		Value:        Value{"postgres", "many writers and many machines; a server to run and to back up"},
		Title:        "PostgreSQL",
		Quote:        `"`,
		Tag:          "postgres",
		Server:       "a PostgreSQL database",
		Source:       "postgres://user:password@host/database",
		TestVariable: "TEST_POSTGRES_URL",
		Numbered:     true,
		Names:        []string{"postgres", "postgresql", "pgx", "pgx/v5", "cloudsqlpostgres", "cloudsql-postgres", "nrpostgres", "nrpgx", "nrpgx5"},
		Sources:      []string{"postgres://", "postgresql://", "sslmode="},
		Wrappers: []Wrapper{
			{Import: "gorm.io/driver/postgres", Driver: "github.com/jackc/pgx/v5"},
			{Import: "github.com/jinzhu/gorm/dialects/postgres", Driver: "github.com/lib/pq"},
			{Import: "github.com/uptrace/bun/dialect/pgdialect"},
			{Import: "github.com/uptrace/bun/driver/pgdriver", Apart: true},
			{Import: "github.com/doug-martin/goqu/v9/dialect/postgres"},
			{Import: "entgo.io/ent/dialect", Const: "Postgres"},
			{Import: "github.com/go-pg/pg", Apart: true},
			// Its errors have the same method that the emitted code calls.
			{Import: "github.com/jackc/pgx/v4", Driver: "github.com/jackc/pgx/v5"},
		},
		Now:         "CURRENT_TIMESTAMP",
		Returning:   true,
		LockRows:    " FOR NO KEY UPDATE",
		IDType:      "UUID",
		Serial:      "%s GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
		FirstID:     "ALTER TABLE {table} ALTER COLUMN {id} RESTART WITH %d",
		AddressType: "TEXT NOT NULL UNIQUE",
		MomentType:  "TIMESTAMPTZ",
		TimeType:    "TIMESTAMPTZ",
		WordType:    "TEXT",
		Columns: map[string]Column{
			"string": {"TEXT", "''"},
			"bool":   {"BOOLEAN", "FALSE"},
			"int":    {"BIGINT", "0"},
		},
		Types: ColumnTypes{
			Models: map[string]string{
				"string": "text", "bytes": "bytea", "bool": "boolean", "time": "timestamptz", "uuid": "uuid", "float": "double precision", "json": "jsonb",
				"int64": "bigint", "int32": "integer", "int16": "smallint", "uint64": "bigint", "uint32": "integer", "uint16": "smallint",
			},
			Serials: map[string]string{
				"serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint", "smallserial": "smallint", "serial2": "smallint",
			},
			LowersNames: true,
		},
		Drivers: []Driver{
			{
				Value:   Value{"github.com/jackc/pgx/v5", "PostgreSQL, by its package for database/sql; behind PgBouncer it needs another exec mode"},
				Oldest:  "v5.0.0",
				Pins:    []Pin{{"v5.12.0", "1.25.0"}},
				Tag:     "pgx",
				Imports: []string{"pgconn", "stdlib"},
				Import:  "github.com/jackc/pgx/v5/stdlib",
				Opens:   "pgx",
				Source:  databaseURL,
			},
			{
				Value:   Value{"github.com/lib/pq", "PostgreSQL, for programs that use it; no other modules come with it"},
				Oldest:  "v1.2.0",
				Pins:    []Pin{{"v1.12.3", "1.21"}},
				Tag:     "pq",
				Imports: []string{"pq"},
				Import:  "github.com/lib/pq",
				Opens:   "postgres",
				Source:  databaseURL,
			},
		},
	},
	{
		Value:        Value{"mysql", "MySQL or MariaDB: many writers and many machines; a server to run and to back up"},
		Title:        "MySQL or MariaDB",
		Quote:        "`",
		Tag:          "mysql",
		Server:       "a MySQL or MariaDB database",
		Source:       "user:pw@tcp(host)/db?parseTime=true&loc=UTC&time_zone=%27%2B00%3A00%27",
		TestVariable: "TEST_MYSQL_URL",
		Names:        []string{"mysql", "mariadb", "cloudsql-mysql", "nrmysql"},
		Sources:      []string{"mysql://", "mariadb://", "@tcp(", "@unix("},
		Wrappers: []Wrapper{
			{Import: "gorm.io/driver/mysql", Driver: "github.com/go-sql-driver/mysql"},
			{Import: "github.com/jinzhu/gorm/dialects/mysql", Driver: "github.com/go-sql-driver/mysql"},
			{Import: "github.com/uptrace/bun/dialect/mysqldialect"},
			{Import: "github.com/doug-martin/goqu/v9/dialect/mysql"},
			{Import: "entgo.io/ent/dialect", Const: "MySQL"},
			{Import: "github.com/go-mysql-org/go-mysql", Apart: true},
		},
		Now:          "UTC_TIMESTAMP()",
		LockRows:     " FOR UPDATE",
		IDType:       "BINARY(16)",
		TableOptions: " ENGINE=InnoDB",
		Serial:       "%s NOT NULL AUTO_INCREMENT PRIMARY KEY",
		FirstID:      "ALTER TABLE {table} AUTO_INCREMENT = %d",
		AddressType:  "VARCHAR(254) NOT NULL UNIQUE",
		MomentType:   "DATETIME(3)",
		TimeType:     "DATETIME(3)",
		WordType:     "VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin",
		Columns: map[string]Column{
			"string": {"TEXT", "('')"}, // a TEXT has no default there that is a literal
			"bool":   {"BOOLEAN", "FALSE"},
			"int":    {"BIGINT", "0"},
		},
		Types: ColumnTypes{
			Models: map[string]string{
				"string": "varchar(255)", "bytes": "blob", "bool": "boolean", "time": "datetime", "uuid": "char(36)", "float": "double", "json": "json",
				"int64": "bigint", "int32": "int", "int16": "smallint", "uint64": "bigint unsigned", "uint32": "int unsigned", "uint16": "smallint unsigned",
			},
			Serials: map[string]string{"serial": "bigint unsigned"},
			Numbers: true, FoldsCase: true,
		},
		Drivers: []Driver{
			{
				Value:   Value{"github.com/go-sql-driver/mysql", "MySQL and MariaDB; its data source name needs parameters for times"},
				Oldest:  "v1.5.0",
				Pins:    []Pin{{"v1.10.1", "1.24.0"}},
				Imports: []string{"mysql"},
				Import:  "github.com/go-sql-driver/mysql",
				Opens:   "mysql",
				Source:  databaseURL,
			},
		},
	},
}

// DatabaseNamed returns the database that the answer stands for, or a zero one.
func DatabaseNamed(name string) Database { return named(Databases, name) }

// DriverNamed returns the driver that the answer stands for, or a zero one.
func DriverNamed(name string) Driver { return named(allDrivers(), name) }

// allDrivers returns the drivers of all databases, in the order of the question.
func allDrivers() []Driver {
	var drivers []Driver
	for _, d := range Databases {
		drivers = append(drivers, d.Drivers...)
	}
	return drivers
}

// DriversFor returns the names of the drivers for a database, the usual one first, nil
// for an unknown database.
func DriversFor(database string) []string {
	var names []string
	for _, d := range DatabaseNamed(database).Drivers {
		names = append(names, d.Name)
	}
	return names
}

func defaultDriver(database string) string {
	if fit := DriversFor(database); len(fit) > 0 {
		return fit[0]
	}
	return ""
}

// A Store is a place for the sessions of the database style.
type Store struct {
	Value

	Title string // what it is called in a sentence
	Tag   string // what directives call it

	// The following is for stores other than the database. The application gives them
	// a client.

	Module  string
	Oldest  string // as in [Versions]
	Pins    []Pin
	Package string // name of the module's package, whose place one of the templates takes
	Server  string // names the server that it takes
	Config  string // Go code: the field of the package's Config
	Client  string // Go code: the lines that make the client
}

// Stores are the stores; the first is in the database.
var Stores = []Store{
	{Value: Value{"database", "beside the users: one joined read per check, nothing else to run; each login writes to the database"}},
	{
		Value:  Value{"redis", "in Redis, which deletes expired ones itself; another server to run, and each check reads both it and the database"},
		Title:  "Redis",
		Tag:    "redis",
		Module: "github.com/redis/go-redis/v9",
		Oldest: "v9.0.0",
		Pins: []Pin{
			{"v9.23.0", "1.26.0"},
			{"v9.22.0", "1.24"},
		},
		Package: "redis",
		Server:  "a Redis server",
		Config:  "Redis:   rdb,",
		Client: `// rdb: the application's client, or
options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
if err != nil {
	return err
}
options.ContextTimeoutEnabled = true // requests stop waiting at their deadline
rdb := redis.NewClient(options)
`,
	},
}

// StoreNamed returns the store that the answer stands for, or a zero one.
func StoreNamed(name string) Store { return named(Stores, name) }

// Apart reports whether the store is not in the database.
func (s Store) Apart() bool { return s.Module != "" }

// packageNames returns the names of packages in the modules of the registries that
// emitted code, or a test beside it, may import.
func packageNames() []string {
	var names []string
	for _, r := range Routers {
		names = append(append(names, r.Package), r.Imports...)
	}
	for _, s := range Stores {
		if s.Apart() {
			names = append(names, s.Package)
		}
	}
	for _, d := range allDrivers() {
		names = append(names, d.Imports...)
	}
	return slices.Compact(slices.Sorted(slices.Values(names)))
}
