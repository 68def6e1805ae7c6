package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// moduleList joins modules by between, and each with its version by at.
func moduleList(modules []project.Module, at, between string) string {
	var list []string
	for _, m := range modules {
		list = append(list, m.Path+at+m.Version)
	}
	return strings.Join(list, between)
}

// nextSteps prints what is left to the developer: the lines to add, and where.
func (c *cli) nextSteps(project *project.Project, a answers.Answers, missing []project.Module, tidied bool) {
	c.say("\nNext:")
	step := 0
	next := func(format string, args ...any) {
		step++
		c.say("\n%d. "+format, append([]any{step}, args...)...)
	}
	if len(missing) > 0 && !tidied {
		next("Add the modules that the package needs:\n\n     go get %s\n     go mod tidy", moduleList(missing, "@", " "))
	}
	if project.Vendored {
		next("Bring vendor up to date:\n\n     go mod vendor")
	}
	if !a.Migrates() {
		next("Apply the migration%s", migrationText(project, a))
	}
	m := mountFor(project, a.Router)
	next("Mount it %s:\n", m.where)
	driver, lines := openLines(project, a)
	lines += newLines(a) + m.lines(a)
	if m.inMain {
		lines = inMain.Replace(lines)
	}
	own := path.Join(project.Module, a.Package)
	c.say("%s", indent(importLines(lines, driver, own, path.Join(own, a.WebName()))+"\n"+lines))
	if m.serve {
		next("Serve the router through it: where %[2]s was given to the server,\n   give a.Handler(%[2]s).", m.variable)
	}
	self := "authgen"
	if project.Tool {
		self = "go tool authgen"
	}
	next("Set BASE_URL to where browsers reach it, and AUTH_KEYS to what this prints,\n   which is a secret:\n\n     %s key", self)
	next("Behind a reverse proxy, list its addresses in Config.TrustedProxies; otherwise\n   all visitors share one rate limit.")
	next("Read %s: how to guard a route, how to create the\n   first administrator, and what is yours to edit.", path.Join(a.Package, "doc.go"))
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

// indent indents lines as the other lines to paste are.
func indent(lines string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(lines, "\n"), "\n") {
		if line != "" {
			line = "     " + line
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// migrationText is how the tool that the migration is for applies it, as the end of
// a sentence.
func migrationText(project *project.Project, a answers.Answers) string {
	dir := a.MigrationsDir
	if dir == "" {
		dir = path.Join(a.Package, "migrations")
	}
	quoted := shellQuote(dir)
	var commands []string
	if a.MigrationsDir != "" {
		// The sums of a directory are of all that is in it.
		_, err := os.Stat(filepath.Join(project.Root, filepath.FromSlash(dir), "atlas.sum"))
		switch {
		case a.Migrations == "atlas":
			commands = append(commands, "atlas migrate hash --dir "+shellQuote("file://"+dir))
		case err == nil:
			commands = append(commands, "atlas migrate hash --dir "+shellQuote("file://"+dir+"?format="+a.Migrations))
		}
	}
	switch a.Migrations {
	case "goose":
		dialect := a.Database
		if dialect == "sqlite" {
			dialect = "sqlite3"
		}
		commands = append(commands, "goose -dir "+quoted+" "+dialect+` "$DATABASE_URL" up`)
	case "golang-migrate":
		commands = append(commands, "migrate -path "+quoted+` -database "$DATABASE_URL" up`)
		if a.Database == "mysql" {
			commands = append(commands, "# DATABASE_URL needs the parameter multiStatements=true for that")
		}
	case "tern":
		commands = append(commands, "tern migrate --migrations "+quoted)
	case "dbmate":
		commands = append(commands, "dbmate --migrations-dir "+quoted+" up")
	case "atlas":
		commands = append(commands, "atlas migrate apply --dir "+shellQuote("file://"+dir)+` --url "$DATABASE_URL"`)
	default:
		return " in " + dir + " as the project applies the others there."
	}
	return ", for instance with:\n\n" + indent(strings.Join(commands, "\n"))
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
		name := assignedTo(p, pool)
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

// mount is where the routes of the package are added to a router.
type mount struct {
	where    string // in words
	router   string // the answer that stands for what is there
	variable string // that holds it
	serve    bool   // the middleware goes around the router, not into it
	inMain   bool   // in func main
}

// routerVariables are what the routers are mostly called.
var routerVariables = map[string]string{
	"net/http": "mux", "chi": "r", "gorilla": "r", "gin": "engine",
	"echo": "e", "echo/v4": "e", "fiber": "app", "fiber/v2": "app",
}

// mountFor returns where to mount routes that are written for a router.
func mountFor(p *project.Project, router string) mount {
	m := mount{where: "where the application makes its router", router: router, variable: routerVariables[router]}
	e, ok := madeAt(p, router)
	if !ok && router == "net/http" {
		// What is there takes handlers of net/http in a way.
		if e, ok = p.Mount(); ok {
			m.router = madeBy(p, e)
			m.variable = routerVariables[m.router]
		}
	}
	if ok {
		if e.Kind == project.ByRegistration {
			m.variable = "http.DefaultServeMux"
		} else if name := assignedTo(p, e); name != "" {
			m.variable = name
		}
		// Other middleware, such as for logs, goes around this package's.
		after := e.Text
		if pos, ok := lastUse(p, e.Pos, m.variable); ok {
			e.Pos, after = pos, "the last "+m.variable+".Use"
		}
		m.where = fmt.Sprintf("at %s, after %s", e.Pos, after)
		m.inMain = e.Main && inFuncMain(p, e.Pos)
	}
	fiber := strings.HasPrefix(m.router, "fiber") // whose handlers are not of net/http
	m.serve = router == "gorilla" || router == "net/http" && !fiber
	if !m.serve && router != "net/http" {
		m.where += ", before any route"
	}
	return m
}

// madeAt returns the line where the application makes a router.
func madeAt(p *project.Project, router string) (project.Evidence, bool) {
	for _, c := range p.Routers {
		if c.Name == router {
			only := project.Project{Routers: []project.Candidate{c}}
			return only.Mount()
		}
	}
	return project.Evidence{}, false
}

// lines is the code that adds the routes.
func (m mount) lines(a answers.Answers) string {
	r := m.variable
	register := func(router string) string { return fmt.Sprintf("a.Register(%s, %s.Routes(a))", router, a.WebName()) }
	switch a.Router {
	case "chi":
		return r + ".Use(a.Handler)\n" + register(r)
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
	switch m.router {
	case "chi":
		handOn = fmt.Sprintf("%s.Handle(%q, routes)", r, a.Prefix+"/*")
	case "gorilla":
		handOn = fmt.Sprintf("%s.PathPrefix(%q).Handler(routes)", r, a.Prefix+"/")
	case "gin":
		handOn = fmt.Sprintf("%s.Any(%q, gin.WrapH(routes))", r, a.Prefix+"/*path")
	case "echo", "echo/v4":
		handOn = fmt.Sprintf("%s.Any(%q, echo.WrapHandler(routes))", r, a.Prefix+"/*")
	case "fiber", "fiber/v2":
		handOn = fmt.Sprintf("%s.All(%q, adaptor.HTTPHandler(a.Handler(routes)))", r, a.Prefix+"/*")
	default:
		return register(r)
	}
	return "routes := http.NewServeMux()\n" + register("routes") + "\n" + handOn
}

// madeBy returns the name of the router that the evidence is for.
func madeBy(project *project.Project, e project.Evidence) string {
	for _, cand := range project.Routers {
		if slices.Contains(cand.Evidence, e) {
			return cand.Name
		}
	}
	return ""
}

// assignedTo returns the variable that what is made at a line of the project is
// assigned to, alone or with an error, or "".
func assignedTo(project *project.Project, made project.Evidence) string {
	lines := linesOf(project, made.Pos.File)
	if made.Pos.Line > len(lines) {
		return ""
	}
	_, function, _ := strings.Cut(made.Text, ".")
	assignment := regexp.MustCompile(`([\pL_][\pL\pN_.]*)(?:\s*,\s*[\pL_][\pL\pN_]*)?\s*:?=\s*[\pL_][\pL\pN_]*\.` + regexp.QuoteMeta(function) + `\(`)
	if m := assignment.FindStringSubmatch(lines[made.Pos.Line-1]); m != nil {
		return m[1]
	}
	return ""
}

// linesOf returns the lines of a file of the project, none if it cannot be read.
func linesOf(project *project.Project, file string) []string {
	data, err := os.ReadFile(filepath.Join(project.Root, filepath.FromSlash(file)))
	if err != nil {
		return nil
	}
	return strings.Split(string(data), "\n")
}

// lastUse returns the last line of the file, below a position, that gives a router
// a middleware for all of its routes.
func lastUse(project *project.Project, made project.Position, router string) (project.Position, bool) {
	found := made
	for i, line := range linesOf(project, made.File) {
		if i+1 > made.Line && strings.HasPrefix(strings.TrimSpace(line), router+".Use(") {
			found.Line = i + 1
		}
	}
	return found, found != made
}

// inFuncMain reports whether a line is in the function main.
func inFuncMain(project *project.Project, pos project.Position) bool {
	in := false
	for i, line := range linesOf(project, pos.File) {
		if i+1 >= pos.Line {
			break
		}
		if strings.HasPrefix(line, "func ") {
			in = strings.HasPrefix(line, "func main(")
		}
	}
	return in
}
