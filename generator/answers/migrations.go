package answers

import (
	"cmp"
	"slices"
	"strings"
)

// A MigrationTool applies migrations, or has a format that authgen can apply.
type MigrationTool struct {
	Value

	Tag      string // what directives call it; most templates need not tell
	Database string // the only one that it is for, "" if it is for all
	Applied  bool   // whether the package can apply the migrations by itself

	First string // number of the first migration
	Width int    // of numbers, with zeros in front

	// A migration is one file that says with the lines Up and Down where each way
	// begins, two files if Pair, or one without the way down if OneWay.
	Up, Down   string
	Pair       bool
	OneWay     bool
	Statements bool // whether statements that contain semicolons are annotated

	Sums    string   // file in the directory that has the checksums of all
	Beside  []string // files in the directory that tell the tool
	Project string   // file elsewhere in the project that tells it

	// Command applies the migrations of a directory. {dir} stands for it, {url} for it
	// as a URL, {database} for the tool's name of the database.
	Command string
	Hash    string            // the command that rewrites Sums; {url} as above
	Names   map[string]string // the tool's own names of databases
	Notes   map[string]string // by database: what more to know of Command

	Library string // path of the package that applies migrations; empty if there is none
}

// MigrationTools are the tools that authgen knows.
var MigrationTools = []MigrationTool{
	{
		Value:      Value{"goose", "numbered SQL files, up and down in one; the package can apply them itself"},
		Library:    "github.com/pressly/goose",
		Applied:    true,
		First:      "1",
		Width:      5,
		Up:         "-- +goose Up\n",
		Down:       "-- +goose Down\n",
		Statements: true,
		Command:    `goose -dir {dir} {database} "$DATABASE_URL" up`,
		Names:      map[string]string{"sqlite": "sqlite3"},
	},
	{
		Value:   Value{"golang-migrate", "numbered pairs of SQL files, one up and one down; needs its command or library to run"},
		Library: "github.com/golang-migrate/migrate",
		First:   "1",
		Width:   6,
		Pair:    true,
		Command: `migrate -path {dir} -database "$DATABASE_URL" up`,
		Notes:   map[string]string{"mysql": "# DATABASE_URL needs the parameter multiStatements=true for that"},
	},
	{
		Value:    Value{"tern", "numbered SQL files, only for postgres, up and down in one; needs its command or library to run"},
		Library:  "github.com/jackc/tern",
		Database: "postgres",
		First:    "1",
		Width:    3,
		Down:     "---- create above / drop below ----\n\n",
		Beside:   []string{"tern.conf"},
		Command:  `tern migrate --migrations {dir}`,
	},
	{
		Value:   Value{"dbmate", "SQL files named by timestamp, up and down in one; needs its command to run"},
		Library: "github.com/amacneil/dbmate",
		First:   "20260101000000",
		Up:      "-- migrate:up\n",
		Down:    "-- migrate:down\n",
		Command: `dbmate --migrations-dir {dir} up`,
	},
	{
		Value:   Value{"atlas", "SQL files named by timestamp, with their checksums in atlas.sum and no down; needs its command to run"},
		Library: "ariga.io",
		First:   "20260101000000",
		OneWay:  true,
		Sums:    "atlas.sum",
		Beside:  []string{"atlas.sum"},
		Project: "atlas.hcl",
		Command: `atlas migrate apply --dir {url} --url "$DATABASE_URL"`,
		Hash:    `atlas migrate hash --dir {url}`,
	},
	{
		Value:   Value{"plain", "numbered pairs of plain SQL files, one up and one down; the package can apply them itself"},
		Tag:     "plain",
		Applied: true,
		First:   "1",
		Width:   4,
		Pair:    true,
	},
}

// otherMigrators are packages that apply migrations, or open directories of them, and are
// not the Library of a tool.
var otherMigrators = []string{"github.com/rubenv/sql-migrate", "github.com/lopezator/migrator", "github.com/uptrace/bun/migrate", "github.com/adlio/schema", "os"}

// Migrators returns the paths of packages that apply migrations, or open directories of
// them.
func Migrators() []string {
	all := slices.Clone(otherMigrators)
	for _, t := range MigrationTools {
		if t.Library != "" {
			all = append(all, t.Library)
		}
	}
	return all
}

// MigrationToolNamed returns the tool that the answer stands for, or a zero one.
func MigrationToolNamed(name string) MigrationTool { return named(MigrationTools, name) }

// End is the end of the names of migrations, of the way up if that is a file of its own.
func (t MigrationTool) End() string {
	if t.Pair {
		return ".up.sql"
	}
	return ".sql"
}

// For reports whether the tool is for a database.
func (t MigrationTool) For(database string) bool { return t.Database == "" || t.Database == database }

// Annotation is the line by which a migration for the tool can be told from others, if
// there is one.
func (t MigrationTool) Annotation() string {
	if t.Up != "" {
		return strings.TrimSpace(t.Up)
	}
	return strings.TrimSpace(t.Down)
}

// UpLines are the beginnings of lines after which a migration says what it does, and
// DownLines those after which it says how to undo that. They are of all tools, known or
// not.
func UpLines() []string {
	return annotations(func(t MigrationTool) string { return t.Up }, "-- +migrate Up")
}

// DownLines are described at [UpLines].
func DownLines() []string {
	return annotations(func(t MigrationTool) string { return t.Down }, "-- +migrate Down")
}

func annotations(of func(MigrationTool) string, lines ...string) []string {
	for _, t := range MigrationTools {
		if line := strings.TrimSpace(of(t)); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// IsSums reports whether a file of that name holds the checksums of migrations.
func IsSums(name string) bool {
	return slices.ContainsFunc(MigrationTools, func(t MigrationTool) bool { return t.Sums != "" && t.Sums == name })
}

// FirstVersion is the number of the migration unless one is given.
func FirstVersion(migrations string) string {
	return cmp.Or(MigrationToolNamed(migrations).First, "1")
}

// Migrates reports whether the package applies its migrations itself. It can
// where they are its own, in a format that takes no more than reading.
func (a Answers) Migrates() bool {
	return MigrationToolNamed(a.Migrations).Applied && a.MigrationsDir == ""
}

// AppliedTools returns the names of the tools whose migrations the package can apply.
func AppliedTools() []string {
	var names []string
	for _, t := range MigrationTools {
		if t.Applied {
			names = append(names, t.Name)
		}
	}
	return names
}
