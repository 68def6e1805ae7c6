package emit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// Wiring is what a developer adds to the application to put a new package to use.
type Wiring struct {
	Mount project.MountPoint
	Code  string // Go code to paste there: imports, and the lines of a function
	First bool   // the lines must come before any route
	Serve bool   // the router must be served through the package's Handler
}

// Wire returns what to add to the project for the package that the answers describe.
func Wire(p *project.Project, a answers.Answers) Wiring {
	m := p.MountPoint(a.Router)
	driver, lines := openLines(p, a)
	lines += newLines(a) + mountLines(m, a)
	if m.InMain {
		lines = inMain.Replace(lines)
	}
	own := path.Join(p.Module, a.Package)
	// The handlers of fiber are not those of net/http.
	fiber := strings.HasPrefix(m.Router, "fiber")
	w := Wiring{Mount: m, Serve: a.Router == "gorilla" || a.Router == "net/http" && !fiber}
	w.First = !w.Serve && a.Router != "net/http"
	w.Code = importLines(lines, driver, own, path.Join(own, a.WebName())) + "\n" + lines
	return w
}

// inMain makes of lines for a function that has a context and returns an error
// lines for main, which has neither.
var inMain = strings.NewReplacer(
	`return fmt.Errorf("AUTH_KEYS: %w", err)`, `log.Fatal("AUTH_KEYS: ", err)`,
	"return err", "log.Fatal(err)",
	"(ctx, db)", "(context.Background(), db)",
)

// importLines are the imports of lines of code: of the standard library what they
// name, and the others given, the first of which may be empty.
func importLines(code, driver string, own ...string) string {
	var b strings.Builder
	b.WriteString("import (\n")
	for _, name := range []string{"context", "database/sql", "fmt", "log", "net/http", "os"} {
		if strings.Contains(code, path.Base(name)+".") {
			fmt.Fprintf(&b, "\t%q\n", name)
		}
	}
	if driver != "" {
		b.WriteString("\n\t" + driver + "\n")
	}
	if strings.Contains(code, "redis.New") {
		b.WriteString("\n\t\"github.com/redis/go-redis/v9\"\n")
	}
	b.WriteString("\n")
	for _, name := range own {
		fmt.Fprintf(&b, "\t%q\n", name)
	}
	b.WriteString(")\n")
	return b.String()
}

// opening is how a database is opened with a driver: what to import, and the
// arguments of sql.Open.
type opening struct{ imports, name, source string }

const (
	sqlitePragmas = "\"file:app.db?_pragma=busy_timeout(5000)\"+\n\t\"&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate\""
	databaseURL   = `os.Getenv("DATABASE_URL")`
)

var openings = map[string]opening{
	"modernc.org/sqlite":             {"modernc.org/sqlite", "sqlite", sqlitePragmas},
	"github.com/mattn/go-sqlite3":    {"github.com/mattn/go-sqlite3", "sqlite3", "\"file:app.db?_busy_timeout=5000\"+\n\t\"&_journal_mode=WAL&_foreign_keys=1&_txlock=immediate\""},
	"github.com/ncruces/go-sqlite3":  {"github.com/ncruces/go-sqlite3/driver", "sqlite3", sqlitePragmas},
	"github.com/jackc/pgx/v5":        {"github.com/jackc/pgx/v5/stdlib", "pgx", databaseURL},
	"github.com/lib/pq":              {"github.com/lib/pq", "postgres", databaseURL},
	"github.com/go-sql-driver/mysql": {"github.com/go-sql-driver/mysql", "mysql", databaseURL},
}

// sourceExamples are what DATABASE_URL holds.
var sourceExamples = map[string]string{
	"postgres": "postgres://user:password@host/database",
	"mysql":    "user:pw@tcp(host)/db?parseTime=true&loc=UTC&time_zone=%27%2B00%3A00%27",
}

// openLines are the lines that have the database ready, and the import of its
// driver where it takes one.
func openLines(p *project.Project, a answers.Answers) (driver, lines string) {
	var b strings.Builder
	open, opened := p.Open("database/sql")
	pool, pooled := p.Open("pgxpool")
	used := project.Used(p.Drivers)
	known := slices.ContainsFunc(used, func(c project.Candidate) bool { return c.Database == a.Database })
	if len(used) > 0 {
		// What is opened with another driver is no use.
		opened = opened && slices.ContainsFunc(used, func(c project.Candidate) bool {
			return c.Name == a.Driver || c.Database == a.Database && !slices.Contains(answers.DriversFor(a.Database), c.Name)
		})
	}
	o := openings[a.Driver]
	switch {
	case opened:
		fmt.Fprintf(&b, "// db: from %s at %s; driver.go says with which parameters\n", open.Text, open.Pos)
	case pooled && a.Driver == "github.com/jackc/pgx/v5":
		name := p.AssignedTo(pool)
		if name == "" {
			name = "pool"
		}
		driver = fmt.Sprintf("%q", o.imports)
		fmt.Fprintf(&b, "// %s: from %s at %s\ndb := stdlib.OpenDBFromPool(%s)\n", name, pool.Text, pool.Pos, name)
	case known:
		b.WriteString("// db: the application's *sql.DB; driver.go says with which parameters\n")
	default:
		driver = fmt.Sprintf("_ %q", o.imports)
		if example := sourceExamples[a.Database]; example != "" {
			fmt.Fprintf(&b, "// such as %s\n", example)
		}
		fmt.Fprintf(&b, "db, err := sql.Open(%q, %s)\nif err != nil {\n\treturn err\n}\n", o.name, o.source)
	}
	prepare := "CheckDatabase"
	if a.Migrates() {
		prepare = "Migrate"
	}
	fmt.Fprintf(&b, "if err := %s.%s(ctx, db); err != nil {\n\treturn err\n}\n", a.PackageName, prepare)
	if a.Store == "redis" {
		b.WriteString("// rdb: the application's client, or\n" +
			"options, err := redis.ParseURL(os.Getenv(\"REDIS_URL\"))\nif err != nil {\n\treturn err\n}\nrdb := redis.NewClient(options)\n")
	}
	return driver, b.String()
}

// newLines are the lines that make an Auth.
func newLines(a answers.Answers) string {
	redis := ""
	if a.Store == "redis" {
		redis = "\tRedis:   rdb,\n"
	}
	return fmt.Sprintf(`keys, err := %[1]s.ParseKeys(os.Getenv("AUTH_KEYS"))
if err != nil {
	return fmt.Errorf("AUTH_KEYS: %%w", err)
}
a, err := %[1]s.New(%[1]s.Config{
	DB:      db,
%[2]s	Keys:    keys,
	BaseURL: os.Getenv("BASE_URL"), // or http://localhost:8080
	Hooks:   %[3]s.Hooks(),
})
if err != nil {
	return err
}
`, a.PackageName, redis, a.WebName())
}

// mountLines are the lines that add the routes to the application's router.
func mountLines(m project.MountPoint, a answers.Answers) string {
	r := m.Variable
	register := func(router string) string { return fmt.Sprintf("a.Register(%s, %s.Routes(a))", router, a.WebName()) }
	switch a.Router {
	case "chi":
		return r + ".Use(a.Middleware)\n" + register(r)
	case "gorilla":
		return register(r)
	case "echo", "echo/v4":
		return r + ".Use(a.Middleware)\n" + register(r)
	case "gin":
		return r + ".HandleMethodNotAllowed = true\n" + r + ".Use(a.Middleware)\n" + register(r)
	case "fiber", "fiber/v2":
		// They have to be there before the application is made.
		return "// better with the settings that register.go names\n" + r + ".Use(a.Middleware)\n" + register(r)
	}
	var handOn string
	switch m.Router {
	case "chi":
		handOn = fmt.Sprintf("%s.Handle(%q, routes)", r, a.Prefix+"/*")
	case "gorilla":
		handOn = fmt.Sprintf("%s.PathPrefix(%q).Handler(routes)", r, a.Prefix+"/")
	case "gin":
		handOn = fmt.Sprintf("%s.Any(%q, gin.WrapH(routes))", r, a.Prefix+"/*path")
	case "echo", "echo/v4":
		handOn = fmt.Sprintf("%s.Any(%q, echo.WrapHandler(routes))", r, a.Prefix+"/*")
	case "fiber", "fiber/v2":
		handOn = fmt.Sprintf("%s.All(%q, adaptor.HTTPHandler(a.Middleware(routes)))", r, a.Prefix+"/*")
	default:
		return register(r)
	}
	return "routes := http.NewServeMux()\n" + register("routes") + "\n" + handOn
}
