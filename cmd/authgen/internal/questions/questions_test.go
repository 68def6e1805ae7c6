package questions

import (
	"errors"
	"fmt"
	"go/build"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// flags makes a map of texts such as "session=stateless".
func flags(texts ...string) map[string]string {
	m := make(map[string]string)
	for _, text := range texts {
		key, value, _ := strings.Cut(text, "=")
		m[key] = value
	}
	return m
}

// features returns the flag of the default features after some were switched.
func features(switched string) string {
	a := answers.Default()
	if err := a.Set("features", switched); err != nil {
		panic(err)
	}
	return "features=" + a.Get("features")
}

// inApp is evidence in a file of the application.
func inApp(kind project.EvidenceKind, file string, line int, text string) []project.Evidence {
	return []project.Evidence{{Pos: project.Position{File: file, Line: line}, Kind: kind, Text: text}}
}

var (
	chi    = project.Candidate{Name: "chi", Evidence: inApp(project.ByConstructor, "web/web.go", 5, "chi.NewRouter")}
	gin    = project.Candidate{Name: "gin", Evidence: inApp(project.ByConstructor, "api/api.go", 7, "gin.New")}
	pq     = project.Candidate{Name: "github.com/lib/pq", Database: "postgres", Driver: "github.com/lib/pq", Evidence: inApp(project.ByImport, "db/pq.go", 3, "github.com/lib/pq")}
	sqlite = project.Candidate{Name: "modernc.org/sqlite", Database: "sqlite", Driver: "modernc.org/sqlite", Evidence: inApp(project.ByImport, "db/lite.go", 4, "modernc.org/sqlite")}
	gorm   = project.Candidate{Name: "gorm.io/driver/postgres", Database: "postgres", Driver: "github.com/jackc/pgx/v5", Evidence: inApp(project.ByImport, "db/gorm.go", 6, "gorm.io/driver/postgres")}
	redis  = project.Candidate{Name: "redis", Evidence: inApp(project.ByImport, "db/redis.go", 3, "github.com/redis/go-redis/v9")}
)

// databases returns the databases of drivers.
func databases(drivers ...project.Candidate) []project.Candidate {
	var list []project.Candidate
	for _, c := range drivers {
		list = append(list, project.Candidate{Name: c.Database, Database: c.Database, Evidence: c.Evidence})
	}
	return list
}

// migrations returns a directory of migrations without numbers.
func migrations(dir, tool string) project.MigrationDir {
	return project.MigrationDir{
		Dir: dir, Tool: tool,
		Evidence: inApp(project.ByMigration, dir+"/00001_x.sql", 1, tool)[0],
	}
}

// keysOf returns the names of the questions. Those for permissions include the role.
func keysOf(open []Question) string {
	var keys []string
	for _, q := range open {
		keys = append(keys, strings.TrimSpace(q.Key+" "+q.Role))
	}
	return strings.Join(keys, ", ")
}

func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		name    string
		project project.Project
		given   Given
		others  []Package

		want     map[string]string // answers
		open     string
		found    map[string]Finding
		problems []string // prefixes
	}{
		{
			name: "nothing found, nothing given",
			want: flags("session=database", "router=net/http", "driver=modernc.org/sqlite", "package_name=auth", "default_role=member",
				"permissions=admin=users:read+users:write", features("manage_users")),
			open: "package, session, router, database, driver, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
		},
		{
			name:    "found answers are not asked",
			project: project.Project{Routers: []project.Candidate{chi}, Drivers: []project.Candidate{pq}, Databases: databases(pq), Migrations: []project.MigrationDir{migrations("db", "goose")}},
			want:    flags("router=chi", "database=postgres", "driver=github.com/lib/pq", "migrations=goose", "migrations_dir=db", "migrations_version=1"),
			open:    "package, session, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features",
			found: map[string]Finding{
				"router":             {Answer: "chi", Sure: true, Evidence: []string{"chi: chi.NewRouter at web/web.go:5"}},
				"database":           {Answer: "postgres", Sure: true, Evidence: []string{"postgres: github.com/lib/pq at db/pq.go:3"}},
				"driver":             {Answer: "github.com/lib/pq", Sure: true, Evidence: []string{"github.com/lib/pq at db/pq.go:3"}},
				"migrations":         {Answer: "goose", Sure: true, Evidence: []string{"goose at db/00001_x.sql:1"}},
				"migrations_dir":     {Answer: "db", Sure: true, Evidence: []string{"db: goose at db/00001_x.sql:1"}},
				"migrations_version": {Answer: "1", Sure: true, Evidence: []string{"1: goose at db/00001_x.sql:1"}},
			},
		},
		{
			name:    "several of a kind are asked about, and the first is the default",
			project: project.Project{Routers: []project.Candidate{gin, chi}, Drivers: []project.Candidate{pq, sqlite}, Databases: databases(pq, sqlite), Stores: []project.Candidate{redis}},
			given:   Given{Flags: flags("roles=user", "permissions=", "profile=", "public=", "protected=", "features=signup", "migrations=goose", "package=auth", "session=database", "prefix=/auth")},
			want:    flags("router=gin", "database=postgres", "driver=github.com/lib/pq", "store=database"),
			open:    "router, database, store",
			found: map[string]Finding{
				"router":   {Answer: "gin", Sure: false, Evidence: []string{"gin: gin.New at api/api.go:7", "chi: chi.NewRouter at web/web.go:5"}},
				"database": {Answer: "postgres", Sure: false, Evidence: []string{"postgres: github.com/lib/pq at db/pq.go:3", "sqlite: modernc.org/sqlite at db/lite.go:4"}},
				"driver":   {Answer: "github.com/lib/pq", Sure: true, Evidence: []string{"github.com/lib/pq at db/pq.go:3"}},
				"store":    {Answer: "", Sure: false, Evidence: []string{"redis: github.com/redis/go-redis/v9 at db/redis.go:3"}},
			},
		},
		{
			name:    "a dialect brings the driver",
			project: project.Project{Drivers: []project.Candidate{gorm}, Databases: databases(gorm)},
			given:   Given{Flags: flags("router=net/http", "roles=user", "permissions=", "profile=", "public=", "protected=", "features=signup", "migrations=goose", "package=auth", "session=stateless", "prefix=/auth")},
			want:    flags("database=postgres", "driver=github.com/jackc/pgx/v5"),
			found: map[string]Finding{
				"database": {Answer: "postgres", Sure: true, Evidence: []string{"postgres: gorm.io/driver/postgres at db/gorm.go:6"}},
				"driver":   {Answer: "github.com/jackc/pgx/v5", Sure: true, Evidence: []string{"github.com/jackc/pgx/v5: gorm.io/driver/postgres at db/gorm.go:6"}},
			},
		},
		{
			name:    "a given answer has precedence, and others follow from it",
			project: project.Project{Routers: []project.Candidate{chi}},
			given:   Given{Flags: flags("router=gin", "database=mysql")},
			want:    flags("router=gin", "database=mysql", "driver=github.com/go-sql-driver/mysql"),
			open:    "package, session, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
		},
		{
			name:    "a database that the program does not use is refused",
			project: project.Project{Routers: []project.Candidate{chi}, Drivers: []project.Candidate{pq}, Databases: databases(pq)},
			given:   Given{Flags: flags("database=sqlite")},
			want:    flags("database=sqlite"),
			open:    "package, session, driver, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
			problems: []string{
				"database: the program uses PostgreSQL (github.com/lib/pq at db/pq.go:3) and not SQLite; leave the flag out or, to add a second database, give --driver too, such as --driver=modernc.org/sqlite",
			},
		},
		{
			name:    "a second database, with its driver",
			project: project.Project{Routers: []project.Candidate{chi}, Drivers: []project.Candidate{pq}, Databases: databases(pq)},
			given:   Given{Flags: flags("database=sqlite", "driver=modernc.org/sqlite")},
			want:    flags("database=sqlite", "driver=modernc.org/sqlite"),
			open:    "package, session, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
		},
		{
			name: "what the project has and no answer fits has to be answered",
			project: project.Project{
				OtherRouters:   []project.Candidate{{Name: "ozzo-routing", Evidence: inApp(project.ByServer, "main.go", 9, "routing.New")}},
				OtherDatabases: []project.Candidate{{Name: "bbolt", Evidence: inApp(project.ByImport, "store.go", 3, "go.etcd.io/bbolt")}},
			},
			want: flags("router=net/http", "database=sqlite"),
			open: "package, session, router, database, driver, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
			found: map[string]Finding{
				"router":   {Why: "the program uses ozzo-routing (routing.New at main.go:9), and there are only routes for net/http, chi, gorilla, gin, echo, echo/v4, fiber, fiber/v2; those for net/http are on a ServeMux that can pass all other requests on to it"},
				"database": {Why: "the program uses bbolt (go.etcd.io/bbolt at store.go:3), which the package cannot use; choose an SQL database to add"},
			},
		},
		{
			name: "a program that serves HTTP and uses SQL, without more to be found",
			project: project.Project{
				Serves: inApp(project.ByServer, "main.go", 9, "http.ListenAndServe"),
				SQL:    []project.Candidate{{Name: "database/sql", Evidence: inApp(project.ByImport, "store.go", 3, "sql.DB")}},
			},
			open: "package, session, router, database, driver, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
			found: map[string]Finding{
				"router":   {Why: "the program serves HTTP (http.ListenAndServe at main.go:9), and its router was not found"},
				"database": {Why: "the program uses a database (sql.DB at store.go:3), and which one was not found"},
			},
		},
		{
			name: "connections that the package cannot use",
			project: project.Project{
				Drivers:   []project.Candidate{{Name: "x/pgdriver", Database: "postgres", Apart: true, Evidence: inApp(project.ByImport, "db.go", 4, "x/pgdriver")}},
				Databases: databases(pq),
			},
			given: Given{Flags: flags("router=net/http", "roles=user", "permissions=", "profile=", "public=", "protected=", "features=signup", "migrations=goose", "package=auth", "session=stateless", "prefix=/auth")},
			want:  flags("database=postgres", "driver=github.com/jackc/pgx/v5"),
			found: map[string]Finding{
				"database": {Answer: "postgres", Sure: true, Evidence: []string{"postgres: github.com/lib/pq at db/pq.go:3"}},
				"driver":   {Answer: "github.com/jackc/pgx/v5", Sure: true, Evidence: []string{"github.com/jackc/pgx/v5: x/pgdriver at db.go:4, whose connections the package cannot use: it opens its own"}},
			},
		},
		{
			name: "a driver that was not found",
			project: project.Project{Databases: []project.Candidate{
				{Name: "postgres", Evidence: inApp(project.ByConfig, "sqlc.yaml", 3, "engine: postgresql")},
			}},
			given: Given{Flags: flags("router=net/http", "roles=user", "permissions=", "profile=", "public=", "protected=", "features=signup", "migrations=goose", "package=auth", "session=stateless", "prefix=/auth")},
			want:  flags("database=postgres", "driver=github.com/jackc/pgx/v5"),
			open:  "driver",
			found: map[string]Finding{
				"database": {Answer: "postgres", Sure: true, Evidence: []string{"postgres: engine: postgresql at sqlc.yaml:3"}},
				"driver":   {Answer: "github.com/jackc/pgx/v5", Why: "the program uses PostgreSQL (engine: postgresql at sqlc.yaml:3), and its driver was not found"},
			},
		},
		{
			name:    "migrations of another database are left alone",
			project: project.Project{Migrations: []project.MigrationDir{migrations("migrations/mysql", "goose"), migrations("migrations/sqlite3", "goose")}},
			given:   Given{Flags: flags("session=stateless", "router=net/http", "database=sqlite", "driver=modernc.org/sqlite", "prefix=/auth", "roles=user", "permissions=-", "profile=[]", "public=none", "protected=", "features=signup", "package=auth")},
			want:    flags("migrations=goose", "migrations_dir=migrations/sqlite3"),
			found: map[string]Finding{
				"migrations":         {Answer: "goose", Sure: true, Evidence: []string{"goose at migrations/sqlite3/00001_x.sql:1"}},
				"migrations_dir":     {Answer: "migrations/sqlite3", Sure: true, Evidence: []string{"migrations/sqlite3: goose at migrations/sqlite3/00001_x.sql:1"}},
				"migrations_version": {Answer: "1", Sure: true, Evidence: []string{"1: goose at migrations/sqlite3/00001_x.sql:1"}},
			},
		},
		{
			name:  "tern is for postgres alone",
			given: Given{Flags: flags("database=postgres"), Asked: flags("session=stateless")},
			want:  flags("driver=github.com/jackc/pgx/v5", "session=stateless"),
			open:  "package, router, driver, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
		},
		{
			name:  "roles of one's own",
			given: Given{Asked: flags("package=auth", "session=stateless", "router=net/http", "database=sqlite", "driver=modernc.org/sqlite", "prefix=/auth", "roles=owner, editor,reader"), Permissions: flags("owner=none", "editor=posts:write, posts:read")},
			want:  flags("roles=owner,editor,reader", "permissions=owner=users:read+users:write,editor=posts:write+posts:read", "default_role=reader"),
			open:  "permissions reader, default_role, profile, public, protected, features, migrations",
		},
		{
			name:  "one role manages nobody",
			given: Given{Flags: flags("roles=user")},
			want:  flags(features("-manage_users")),
			open:  "package, session, router, database, driver, store, prefix, permissions user, profile, public, protected, features, migrations",
		},
		{
			name:  "features that are named stay as they are named",
			given: Given{Flags: flags("features=-signup,manage_users"), Asked: flags("roles=a,b"), Permissions: flags("a=x:y", "b=none")},
			want:  flags(features("-signup")),
			open:  "package, session, router, database, driver, store, prefix, profile, public, protected, migrations",
			problems: []string{
				"features: manage_users is on, but no role has users:read and users:write",
			},
		},
		{
			name:  "nobody can manage users once all permissions are given out",
			given: Given{Asked: flags("roles=a,b"), Permissions: flags("a=x:y", "b=none")},
			want:  flags(features("-manage_users")),
			open:  "package, session, router, database, driver, store, prefix, profile, public, protected, features, migrations",
		},
		{
			name:     "a directory that is not a name",
			given:    Given{Flags: flags("package=lib/func")},
			want:     flags("package=lib/func", "package_name=func"),
			open:     "package_name, session, router, database, driver, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
			problems: []string{`package_name: "func" is a Go keyword`},
		},
		{
			name:    "a second package",
			project: project.Project{Instances: []string{"internal/auth"}},
			others:  []Package{{"internal/auth", answers.Answers{PackageName: "auth", Prefix: "/auth"}}},
			given:   Given{Flags: flags("package=internal/auth/authweb/x")},
			open:    "name, session, router, database, driver, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features, migrations",
			problems: []string{
				"name: give a prefix: without one, the package would share its cookie and tables with internal/auth",
				"package: internal/auth/authweb is reserved for a package of internal/auth; choose another directory",
				"prefix: the routes of internal/auth are already below /auth; choose another path, such as /staff/auth",
			},
		},
		{
			name:    "several directories of migrations",
			project: project.Project{Migrations: []project.MigrationDir{migrations("a", "goose"), migrations("b", "goose")}},
			given:   Given{Flags: flags("session=stateless", "router=net/http", "database=sqlite", "driver=modernc.org/sqlite", "prefix=/auth", "roles=user", "permissions=-", "profile=[]", "public=none", "protected=", "features=signup", "package=auth")},
			want:    flags("migrations=goose", "migrations_dir=a", "migrations_version=1", "profile=", "public="),
			open:    "migrations_dir",
			found: map[string]Finding{
				"migrations":         {Answer: "goose", Sure: true, Evidence: []string{"goose at a/00001_x.sql:1", "goose at b/00001_x.sql:1"}},
				"migrations_dir":     {Answer: "a", Sure: false, Evidence: []string{"a: goose at a/00001_x.sql:1", "b: goose at b/00001_x.sql:1"}},
				"migrations_version": {Answer: "1", Sure: true, Evidence: []string{"1: goose at a/00001_x.sql:1"}},
			},
		},
		{
			name:    "a directory of migrations that was given tells the tool",
			project: project.Project{Migrations: []project.MigrationDir{migrations("a", "goose"), migrations("b", "tern")}},
			given:   Given{Flags: flags("migrations_dir=b", "database=postgres")},
			want:    flags("migrations=tern", "migrations_version=1"),
			open:    "package, session, router, driver, store, prefix, roles, permissions admin, permissions member, profile, public, protected, features",
			found: map[string]Finding{
				"migrations":         {Answer: "tern", Sure: true, Evidence: []string{"tern at b/00001_x.sql:1"}},
				"migrations_version": {Answer: "1", Sure: true, Evidence: []string{"1: tern at b/00001_x.sql:1"}},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Project{Project: &tt.project, Defaults: answers.Default(), Others: tt.others, Now: time.Unix(0, 0)}
			r, err := Resolve(p, tt.given)
			if err != nil {
				t.Fatal(err)
			}
			for key, want := range tt.want {
				if got := r.Answers.Get(key); got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
			if open := keysOf(r.Open); open != tt.open {
				t.Errorf("open: %s\nwant: %s", open, tt.open)
			}
			if tt.found != nil || len(tt.project.Routers)+len(tt.project.Drivers)+len(tt.project.Migrations) == 0 {
				if tt.found == nil {
					tt.found = map[string]Finding{}
				}
				if diff := cmp.Diff(tt.found, r.Found); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
			}
			var problems []string
			for _, p := range r.Problems {
				problems = append(problems, p.Error())
			}
			if !slices.EqualFunc(problems, tt.problems, strings.HasPrefix) {
				t.Errorf("problems: %q\nwant: %q", problems, tt.problems)
			}
		})
	}
}

// Existing files are only checked for an answer that is valid itself.
func TestTaken(t *testing.T) {
	p := Project{Project: new(project.Project), Defaults: answers.Default(), Taken: func(a answers.Answers) answers.Problems {
		return answers.Problems{{Path: "package", Message: a.Package + " is taken"}}
	}}
	for text, want := range map[string]string{"auth": "package: auth is taken; choose another directory", "/auth": `package: "/auth" is absolute; give it from the module root, such as "internal/auth"`} {
		r, err := Resolve(p, Given{Flags: flags("package=" + text)})
		if err != nil {
			if err.Error() != want {
				t.Errorf("%s: error %v", text, err)
			}
			continue
		}
		if len(r.Problems) != 1 || r.Problems[0].Error() != want {
			t.Errorf("%s: problems %v", text, r.Problems)
		}
	}
}

// The error has all invalid answers.
func TestResolveErrors(t *testing.T) {
	_, err := Resolve(Project{Project: new(project.Project), Defaults: answers.Default()},
		Given{Flags: flags("session=cookies", "roles=Admin", "permissions=boss=posts:write")})
	var problems answers.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error %v", err)
	}
	var keys []string
	for _, p := range problems {
		keys = append(keys, p.Key())
	}
	if want := []string{"session", "roles", "permissions"}; !slices.Equal(keys, want) {
		t.Errorf("problems with %q, want %q", keys, want)
	}
}

// answerAll answers each question with the text in the table, or with its default. It also
// returns what was asked.
func answerAll(t *testing.T, p Project, given Given, texts map[string]string) (Resolution, []string) {
	t.Helper()
	var asked []string
	for range 50 {
		r, err := Resolve(p, given)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Open) == 0 {
			return r, asked
		}
		q := r.Open[0]
		key := strings.TrimSpace(q.Key + " " + q.Role)
		if q.Step > 0 {
			key = fmt.Sprintf("%s %d", key, q.Step)
		}
		asked = append(asked, key)
		text, ok := texts[key]
		if !ok {
			text = q.Default
		}
		if err := r.Check(q, text); err != nil {
			t.Fatalf("%s: %q: %v", key, text, err)
		}
		given = given.With(q, text)
	}
	t.Fatalf("the questions do not end: %q", asked)
	panic("unreachable")
}

// Accepting every default gives the same answers as asking nothing, and the flags for any
// answers give these answers.
func TestFlags(t *testing.T) {
	for _, tt := range []struct {
		name    string
		project project.Project
		given   Given
		texts   map[string]string
		want    string
	}{
		{name: "defaults"},
		{
			name:    "found",
			project: project.Project{Routers: []project.Candidate{chi}, Drivers: []project.Candidate{pq}, Databases: databases(pq), Migrations: []project.MigrationDir{migrations("db", "goose")}},
		},
		{
			name:    "what the project leaves open has a flag",
			project: project.Project{Routers: []project.Candidate{gin, chi}, Drivers: []project.Candidate{pq, sqlite}, Databases: databases(pq, sqlite)},
			want:    "router=gin database=postgres",
		},
		{
			name:  "a flag that gives the default stays",
			given: Given{Flags: flags("prefix=/auth")},
			want:  "prefix=/auth",
		},
		{
			name:  "everything differs",
			texts: flags("package=lib/func", "package_name=users", "session=stateless", "router=echo", "roles=a,b,c", "permissions a=users:read,users:write", "default_role=b", "profile=without display_name", features("-remember")),
			want:  "package=lib/func package_name=users session=stateless router=echo roles=a,b,c permissions=a=users:read+users:write default_role=b profile= " + features("-remember"),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Project{Project: &tt.project, Defaults: answers.Default()}
			r, _ := answerAll(t, p, tt.given, tt.texts)
			again := make(map[string]string)
			var texts []string
			for _, f := range r.Flags() {
				again[f.Key] = f.Text
				texts = append(texts, f.Key+"="+f.Text)
			}
			if got := strings.Join(texts, " "); got != tt.want {
				t.Errorf("flags: %s\nwant:  %s", got, tt.want)
			}
			second, err := Resolve(p, Given{Flags: again})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r.Answers, second.Answers); diff != "" {
				t.Errorf("the flags give other answers (-asked +flags):\n%s", diff)
			}
			if len(r.Problems)+len(second.Problems) > 0 {
				t.Errorf("problems %v, %v", r.Problems, second.Problems)
			}
		})
	}
}

// No answer is lost when a person continues later, not even one of several about the same
// key.
func TestGivenFlags(t *testing.T) {
	p := Project{Project: new(project.Project), Defaults: answers.Default()}
	given := Given{Flags: flags("session=stateless"), Asked: flags("roles=a,b,c")}
	for _, step := range []struct {
		q          Question
		text, want string
	}{
		{Question{Key: "permissions", Role: "a"}, "users:read,users:write", "session=stateless roles=a,b,c permissions=a=users:read+users:write"},
		{Question{Key: "permissions", Role: "b"}, "x:y", "session=stateless roles=a,b,c permissions=a=users:read+users:write,b=x:y"},
		{Question{Key: "profile"}, oneField, "session=stateless roles=a,b,c permissions=a=users:read+users:write,b=x:y profile=display_name:string:anyone"},
		{Question{Key: "profile"}, "phone", "session=stateless roles=a,b,c permissions=a=users:read+users:write,b=x:y profile=display_name:string:anyone,phone:string:self"},
	} {
		given = given.With(step.q, step.text)
		r, err := Resolve(p, given)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, f := range r.GivenFlags() {
			texts = append(texts, f.Key+"="+f.Text)
		}
		if got := strings.Join(texts, " "); got != step.want {
			t.Errorf("given: %s\nwant:  %s", got, step.want)
		}
	}
}

func TestCheck(t *testing.T) {
	p := Project{Project: new(project.Project), Defaults: answers.Default()}
	for _, tt := range []struct {
		name  string
		given Given
		q     Question
		text  string
		want  string // a prefix of the error; empty for none
	}{
		{"fine", Given{}, Question{Key: "prefix"}, "/id", ""},
		{"wrong in itself", Given{}, Question{Key: "prefix"}, "auth", `"auth": a path starts with /`},
		{"beside another", Given{Flags: flags("public=/login")}, Question{Key: "protected"}, "/login", `"/login" is public too`},
		{"another beside it", Given{Flags: flags("permissions=admin=x:y")}, Question{Key: "roles"}, "a,b", `it does not go with --permissions: "admin=x:y": there is no role "admin"; the roles are a,b`},
		{"permissions of a role", Given{}, Question{Key: "permissions", Role: "member"}, "posts", `"posts": a permission is lower-case words`},
		{"permissions that no new user may have", Given{}, Question{Key: "permissions", Role: "member"}, "users:write", `role "member" has users:write, and every new user would have it`},
		{"driver for another database", Given{Asked: flags("database=mysql")}, Question{Key: "driver"}, "github.com/lib/pq", "github.com/lib/pq is not a driver for mysql; choose github.com/go-sql-driver/mysql"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Resolve(p, tt.given)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := r.Check(tt.q, tt.text); err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, tt.want) || (got == "") != (tt.want == "") {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Each question has what a person needs to answer it.
func TestQuestions(t *testing.T) {
	p := Project{Project: new(project.Project), Defaults: answers.Default()}
	r, err := Resolve(p, Given{Flags: flags("roles=a,b,c", "database=postgres")})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range r.Open {
		if q.Text == "" || q.Help == "" {
			t.Errorf("%s: text %q, help %q", q.Key, q.Text, q.Help)
		}
		names := make([]string, len(q.Options))
		for i, o := range q.Options {
			names[i] = o.Name
			if o.Help == "" && q.Key != "default_role" {
				t.Errorf("%s: option %s does not say what it gives and costs", q.Key, o.Name)
			}
		}
		if len(names) > 0 && !q.Many && !slices.Contains(names, q.Default) {
			t.Errorf("%s: the default %q is not among %q", q.Key, q.Default, names)
		}
		switch q.Key {
		case "driver":
			if want := answers.DriversFor("postgres"); !slices.Equal(names, want) {
				t.Errorf("drivers %q, want %q", names, want)
			}
		case "default_role":
			if want := []string{"b", "c"}; !slices.Equal(names, want) {
				t.Errorf("default roles %q, want %q", names, want)
			}
		}
	}
}

// The package imports nothing that reads, writes or asks.
func TestPure(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pkg.Imports {
		if slices.Contains([]string{"os", "fs", "io", "exec", "net", "http", "prompt", "gocmd", "syscall"}, path.Base(name)) {
			t.Errorf("it imports %s", name)
		}
	}
}
