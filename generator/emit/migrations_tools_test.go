package emit

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

// TestMigrationTools applies the emitted migrations, and rolls them back, with the tools
// that they are written for, for every database, tool and store of sessions. For goose,
// golang-migrate, tern and Atlas, it uses the libraries of these tools; the rules of dbmate
// and of plain files are implemented below.
func TestMigrationTools(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	tools := buildMigrationTools(t)
	for _, database := range answers.KeyNamed("database").Values {
		for _, sessions := range []string{"database", "redis", "stateless"} {
			t.Run(database.Name+"/"+sessions, func(t *testing.T) {
				t.Parallel()
				first := "" // the schema that the first tool created
				for _, tool := range answers.KeyNamed("migrations").Values {
					a := templateAnswers()
					a.Session = sessions
					if sessions == "redis" {
						a.Session, a.Store = "database", "redis"
					}
					a.Database, a.Migrations = database.Name, tool.Name
					a.Driver, a.MigrationsVersion = "", "" // set by Normalize
					a.Normalize()
					if a.Check() != nil {
						continue // tern is for one database
					}
					t.Run(tool.Name, func(t *testing.T) {
						s := newMigratedSchema(t, tools, database.Name)
						dir := t.TempDir()
						writeMigrations(t, a, nil, dir)
						s.apply(t, tool.Name, "up", dir)
						made := s.describe(t)
						want, columns := maps.Clone(columnsOfMigrations[sessions]), columnsIn(made)
						for _, f := range answers.Features {
							for _, table := range f.Tables { // whose columns are in their templates alone
								want["auth_"+table.Name] = columns["auth_"+table.Name]
							}
						}
						if diff := cmp.Diff(want, columns); diff != "" {
							t.Errorf("columns (-want +got):\n%s", diff)
						}
						if first == "" {
							first = made
						}
						if diff := cmp.Diff(first, made); diff != "" {
							t.Errorf("the tools create different tables (-first +this one):\n%s", diff)
						}
						switch tool.Name {
						case "goose", "golang-migrate", "tern": // they record what they have applied
							s.apply(t, tool.Name, "up", dir)
							if diff := cmp.Diff(made, s.describe(t)); diff != "" {
								t.Errorf("the second time up (-once +twice):\n%s", diff)
							}
						case "atlas": // it has no down migrations
							return
						}
						s.apply(t, tool.Name, "down", dir)
						if left := s.describe(t); left != "" {
							t.Errorf("left after the down migrations:\n%s", left)
						}
					})
				}
			})
		}
	}
}

// columnsOfMigrations are the columns that the answers of the templates need, by the store
// of sessions and by table, sorted. It leaves out the tables of features.
var columnsOfMigrations = map[string]map[string][]string{
	"database": {
		"auth_users": userColumns,
		"auth_sessions": {
			"authenticated_at", "client", "created_at", "expires_at", "family", "handle", "seen_at", "user_agent", "user_id",
		},
	},
	"redis": {
		"auth_users": userColumns,
	},
	"stateless": {
		"auth_users":          userColumns,
		"auth_ended_sessions": {"expires_at", "handle"},
	},
}

var userColumns = []string{
	"created_at", "disabled", "display_name", "email", "email_verified", "id", "newsletter", "password_hash", "phone", "role", "session_version",
}

// columnsIn returns the columns of each table in a description.
func columnsIn(description string) map[string][]string {
	columns := make(map[string][]string)
	for line := range strings.Lines(description) {
		if name, _, ok := strings.Cut(line, " "); ok && name != "index" {
			table, column, _ := strings.Cut(name, ".")
			columns[table] = append(columns[table], column)
		}
	}
	for _, names := range columns {
		slices.Sort(names)
	}
	return columns
}

// sqliteWords are the keywords of SQLite, which cannot list them itself.
var sqliteWords = strings.Fields(`
	abort action add after all alter always analyze and as asc attach autoincrement
	before begin between by cascade case cast check collate column commit conflict
	constraint create cross current current_date current_time current_timestamp
	database default deferrable deferred delete desc detach distinct do drop each else
	end escape except exclude exclusive exists explain fail filter first following for
	foreign from full generated glob group groups having if ignore immediate in index
	indexed initially inner insert instead intersect into is isnull join key last left
	like limit match materialized natural no not nothing notnull null nulls of offset
	on or order others outer over partition plan pragma preceding primary query raise
	range recursive references regexp reindex release rename replace restrict
	returning right rollback row rows savepoint select set table temp temporary then
	ties to transaction trigger unbounded union unique update using vacuum values view
	virtual when where window with within without`)

// A keyword of the database that is allowed as the name of a field can be used as a column
// name without quotes.
func TestWordsAsColumns(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	tools := buildMigrationTools(t)
	for _, database := range answers.KeyNamed("database").Values {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			s := newMigratedSchema(t, tools, database.Name)
			words := sqliteWords
			switch database.Name {
			case "postgres":
				words = strings.Fields(s.run(t, "SELECT word AS line FROM pg_get_keywords()", "query"))
			case "mysql":
				words = strings.Fields(s.run(t, "SELECT lower(word) AS line FROM information_schema.keywords", "query"))
			}
			if len(words) < 100 {
				t.Fatalf("%d keywords are too few", len(words))
			}
			words = slices.DeleteFunc(slices.Clone(words), func(word string) bool {
				a := answers.Default()
				return a.Set("profile", word+":int:self") != nil
			})
			slices.Sort(words)
			for chunk := range slices.Chunk(slices.Compact(words), 50) {
				s.run(t, "CREATE TABLE words (row_number_ INTEGER, "+strings.Join(chunk, " INTEGER NOT NULL, ")+" INTEGER NOT NULL)", "exec")
				s.run(t, "INSERT INTO words (row_number_, "+strings.Join(chunk, ", ")+") VALUES (0"+strings.Repeat(", 1", len(chunk))+")", "exec")
				for _, word := range chunk {
					s.run(t, "UPDATE words SET "+word+" = COALESCE(NULL, "+word+")", "exec")
				}
				s.run(t, "SELECT COUNT(*) FROM (SELECT row_number_, "+strings.Join(chunk, ", ")+" FROM words) AS w", "query")
				s.run(t, "DROP TABLE words", "exec")
			}
		})
	}
}

// buildMigrationTools builds the command that uses the libraries of the tools, and returns
// its path. It is in a separate module, whose requirements are downloaded.
func buildMigrationTools(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "testdata", "migrationtools")
	// Reading the directory keeps go test from using a cached result after the command
	// has changed.
	if _, err := os.ReadDir(dir); err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(t.TempDir(), "migrationtools.exe") // .exe for Windows
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", command, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building %s, whose modules have to be fetched if they are not in the cache: %v\n%s", dir, err, out)
	}
	return command
}

// writeMigrations emits the migrations that the answers need in addition to existing ones
// to their directory, and returns all of them.
func writeMigrations(t *testing.T, a answers.Answers, migrated []Migrated, dir string) []Migrated {
	t.Helper()
	files, err := Package(templates.FS, a, Target{Module: "example.com/app", Migrated: migrated})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if path.Dir(f.Path) != "migrations" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, path.Base(f.Path)), f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
		if f.Class == Migration {
			migrated = append(migrated, Migrated{Path: f.Path, Adds: f.Adds, Data: f.Data})
		}
	}
	return migrated
}

// migratedSchema is where a test applies migrations: a schema of PostgreSQL, a database of
// MySQL, or a file.
type migratedSchema struct{ tools, database, dsn, name string }

// newMigratedSchema creates an empty schema, and drops it when the test ends.
func newMigratedSchema(t *testing.T, tools, database string) migratedSchema {
	t.Helper()
	if database == "sqlite" {
		file := filepath.ToSlash(filepath.Join(t.TempDir(), "test.db"))
		return migratedSchema{tools, database, "file:" + file + "?_pragma=foreign_keys(1)", ""}
	}
	variable := answers.DatabaseNamed(database).TestVariable
	server := migratedSchema{tools, database, os.Getenv(variable), ""}
	if server.dsn == "" {
		t.Skipf("%s is not set", variable)
	}
	s := server
	s.name = "authgen_test_" + strings.ToLower(rand.Text())
	drop := "DROP SCHEMA " + s.name
	if database == "postgres" {
		drop += " CASCADE"
	}
	server.run(t, "CREATE SCHEMA "+s.name, "exec")
	t.Cleanup(func() { server.run(t, drop, "exec") })
	return s
}

// run runs the command of the tools, and returns what it prints.
func (s migratedSchema) run(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(s.tools, append([]string{s.database, s.dsn, s.name}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", s.database, args, err, stderr.String())
	}
	return string(out)
}

// describe lists the columns of the package's tables, and their indexes.
func (s migratedSchema) describe(t *testing.T) string {
	t.Helper()
	return s.run(t, map[string]string{
		"sqlite": `
			SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk || ' ' || coalesce(c.dflt_value, '') AS line
			FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name LIKE 'auth%'
			UNION ALL SELECT 'index ' || tbl_name || ' ' || name || ' ' || coalesce(sql, '')
			FROM sqlite_schema WHERE type = 'index' AND tbl_name LIKE 'auth%' ORDER BY line`,
		"postgres": `
			SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(collation_name, '') || ' ' || coalesce(column_default, '') AS line
			FROM information_schema.columns WHERE table_schema = current_schema() AND table_name LIKE 'auth%'
			UNION ALL SELECT 'index ' || tablename || ' ' || replace(indexdef, schemaname || '.', '')
			FROM pg_indexes WHERE schemaname = current_schema() AND tablename LIKE 'auth%' ORDER BY line`,
		"mysql": `
			SELECT concat(table_name, '.', column_name, ' ', column_type, ' ', is_nullable, ' ', coalesce(collation_name, ''), ' ', coalesce(column_default, '')) AS line
			FROM information_schema.columns WHERE table_schema = database() AND table_name LIKE 'auth%'
			UNION ALL SELECT concat('index ', table_name, ' ', index_name, ' ', seq_in_index, ' ', column_name)
			FROM information_schema.statistics WHERE table_schema = database() AND table_name LIKE 'auth%' ORDER BY line`,
	}[s.database], "query")
}

// apply applies the migrations in dir, or rolls them back.
func (s migratedSchema) apply(t *testing.T, tool, direction, dir string) {
	t.Helper()
	switch tool {
	case "dbmate":
		for _, text := range dbmateSections(t, dir, direction) {
			s.run(t, text, "exec")
		}
	case "plain":
		for _, text := range plainFiles(t, dir, direction) {
			s.run(t, text, "exec")
		}
	case "atlas":
		s.run(t, "", tool, direction, dir)
	default:
		want := "0\n"
		if direction == "up" {
			n := len(readDir(t, dir))
			if tool == "golang-migrate" {
				n /= 2 // pairs
			}
			want = fmt.Sprintln(n)
		}
		if got := s.run(t, "", tool, direction, dir); got != want {
			t.Errorf("%s %s leads to version %q, want %q", tool, direction, got, want)
		}
	}
}

// dbmateSections returns what dbmate executes, in order: for each file, the text after the
// annotation of the direction, as one statement. Only comments may come before the first
// annotation.
func dbmateSections(t *testing.T, dir, direction string) []string {
	t.Helper()
	files := readDir(t, dir)
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !regexp.MustCompile(`^\d+.*\.sql$`).MatchString(name) {
			t.Fatalf("a migration of dbmate is called %q", name)
		}
		texts = append(texts, dbmateSection(t, name, files[name], direction))
	}
	if direction == "down" {
		slices.Reverse(texts)
	}
	return texts
}

func dbmateSection(t *testing.T, name, text, direction string) string {
	t.Helper()
	annotations := regexp.MustCompile(`(?m)^--\s*migrate:(up|down)[ \t]*$`).FindAllStringSubmatchIndex(text, -1)
	if len(annotations) != 2 {
		t.Fatalf("%s has %d annotations, want 2:\n%s", name, len(annotations), text)
	}
	up, down := annotations[0], annotations[1]
	if text[up[2]:up[3]] != "up" || text[down[2]:down[3]] != "down" {
		t.Fatalf("%s does not go up and then down:\n%s", name, text)
	}
	for line := range strings.Lines(text[:up[0]]) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			t.Errorf("%s: dbmate refuses %q before the first annotation", name, line)
		}
	}
	if direction == "up" {
		return text[up[1]:down[0]]
	}
	return text[down[1]:]
}

// plainFiles returns the texts of the files for a direction, in the order of execution.
// Each up migration must have a down migration.
func plainFiles(t *testing.T, dir, direction string) []string {
	t.Helper()
	files := readDir(t, dir)
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		base, up := strings.CutSuffix(name, ".up.sql")
		if !up {
			base, _ = strings.CutSuffix(name, ".down.sql")
		}
		if files[base+".up.sql"] == "" || files[base+".down.sql"] == "" {
			t.Fatalf("%s is not one of a pair: %q", name, slices.Sorted(maps.Keys(files)))
		}
		if strings.HasSuffix(name, "."+direction+".sql") {
			texts = append(texts, files[name])
		}
	}
	if direction == "down" {
		slices.Reverse(texts)
	}
	return texts
}

// readDir returns the texts of the files in a directory by their names.
func readDir(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

// TestMigrationToolsAdd extends the tables of earlier answers for later ones, for every
// database and tool. The result must have everything that the later answers alone would
// create, and everything that existed before.
func TestMigrationToolsAdd(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	tools := buildMigrationTools(t)
	for _, database := range answers.KeyNamed("database").Values {
		for name, change := range schemaChanges {
			t.Run(database.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				var wanted []string // the schema of the later answers alone, by line
				for _, tool := range answers.KeyNamed("migrations").Values {
					before := templateAnswers()
					before.Database, before.Migrations = database.Name, tool.Name
					before.Driver, before.MigrationsVersion = "", "" // set by Normalize
					before.Normalize()
					after := before
					change(&before, &after)
					if before.Check() != nil {
						continue // tern is for one database
					}
					if wanted == nil {
						s, dir := newMigratedSchema(t, tools, database.Name), t.TempDir()
						writeMigrations(t, after, nil, dir)
						s.apply(t, tool.Name, "up", dir)
						wanted = strings.Split(s.describe(t), "\n")
					}
					t.Run(tool.Name, func(t *testing.T) {
						s, dir := newMigratedSchema(t, tools, database.Name), t.TempDir()
						first := writeMigrations(t, before, nil, dir)
						records := tool.Name == "goose" || tool.Name == "golang-migrate" || tool.Name == "tern"
						var made []string
						if records {
							s.apply(t, tool.Name, "up", dir)
							made = strings.Split(s.describe(t), "\n")
						}
						all := writeMigrations(t, after, first, dir)
						if len(all) != 2*len(first) {
							t.Fatalf("%d migrations after %d", len(all), len(first))
						}
						if again := writeMigrations(t, after, all, dir); len(again) != len(all) {
							t.Errorf("%d migrations after %d that have everything", len(again), len(all))
						}
						s.apply(t, tool.Name, "up", dir)
						has := strings.Split(s.describe(t), "\n")
						for _, line := range slices.Concat(wanted, made) {
							if !slices.Contains(has, line) {
								t.Errorf("no %q in\n%s", line, strings.Join(has, "\n"))
							}
						}
						if tool.Name == "atlas" { // it has no down migrations
							return
						}
						s.apply(t, tool.Name, "down", dir)
						if left := s.describe(t); left != "" {
							t.Errorf("left after the down migrations:\n%s", left)
						}
					})
				}
			})
		}
	}
}

// schemaChanges are changes of answers that need a migration.
var schemaChanges = map[string]func(before, after *answers.Answers){
	"to rows": func(before, after *answers.Answers) {
		before.Session, before.Profile = "stateless", after.Profile[:1]
	},
	"to stateless": func(before, after *answers.Answers) {
		after.Session, before.Profile, after.Profile = "stateless", before.Profile[1:], before.Profile[:2]
	},
}
