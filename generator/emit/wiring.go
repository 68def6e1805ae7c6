package emit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// Wiring is what the developer adds to the application to use a new package.
type Wiring struct {
	Mount project.MountPoint
	Code  string // Go code to paste there: imports, and the lines of a function
	First bool   // the lines must come before any route
	Serve bool   // the router must be served through the package's Middleware
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
	router := answers.RouterNamed(a.Router)
	w := Wiring{Mount: m, First: router.Use != ""}
	// A router with other requests than those of net/http forwards them to Middleware.
	w.Serve = !w.First && answers.RouterNamed(m.Router).Requests()
	w.Code = importLines(lines, answers.StoreNamed(a.Store).Module, driver, own, path.Join(own, a.WebName())) + "\n" + lines
	return w
}

// inMain turns lines for a function that has a context and returns an error into lines
// for main, which does neither.
var inMain = strings.NewReplacer(
	`return fmt.Errorf("AUTH_KEYS: %w", err)`, `log.Fatal("AUTH_KEYS: ", err)`,
	"return err", "log.Fatal(err)",
	"(ctx, db)", "(context.Background(), db)",
)

// importLines returns the import declaration for lines of code: the packages of the
// standard library that the code names, those of the driver and of the store's client,
// which may be empty, and the developer's own.
func importLines(code, store, driver string, own ...string) string {
	var b strings.Builder
	b.WriteString("import (\n")
	standard := []string{"context", project.SQL, "fmt", "log", "os"}
	for _, r := range answers.Routers {
		if r.Standard() {
			standard = append(standard, r.Import)
		}
	}
	slices.Sort(standard)
	for _, name := range standard {
		if strings.Contains(code, path.Base(name)+".") {
			fmt.Fprintf(&b, "\t%q\n", name)
		}
	}
	if driver != "" {
		b.WriteString("\n\t" + driver + "\n")
	}
	if store != "" {
		fmt.Fprintf(&b, "\n\t%q\n", store)
	}
	b.WriteString("\n")
	for _, name := range own {
		fmt.Fprintf(&b, "\t%q\n", name)
	}
	b.WriteString(")\n")
	return b.String()
}

// openLines returns the lines that open and prepare the database, and the import of its
// driver if they need one.
func openLines(p *project.Project, a answers.Answers) (driver, lines string) {
	var b strings.Builder
	chosen := answers.DriverNamed(a.Driver)
	open, opened := p.Open(project.SQL)
	var pool project.Evidence
	pooled := false
	if chosen.Pool != nil {
		pool, pooled = p.Open(chosen.Pool.Package)
	}
	used := project.Used(p.Drivers)
	known := slices.ContainsFunc(used, func(c project.Candidate) bool { return c.Database == a.Database })
	if len(used) > 0 {
		// A database that is opened with another driver cannot be used.
		opened = opened && slices.ContainsFunc(used, func(c project.Candidate) bool {
			return c.Name == a.Driver || c.Database == a.Database && !slices.Contains(answers.DriversFor(a.Database), c.Name)
		})
	}
	switch {
	case opened:
		fmt.Fprintf(&b, "// db: from %s at %s; driver.go says with which parameters\n", open.Text, open.Pos)
	case pooled:
		name := p.AssignedTo(pool)
		if name == "" {
			name = "pool"
		}
		driver = fmt.Sprintf("%q", chosen.Import)
		call := chosen.Pool.Open
		if !p.Has(chosen.Name, chosen.Pool.Since) {
			call = chosen.Pool.OpenBefore
		}
		fmt.Fprintf(&b, "// %s: from %s at %s\ndb := %s\n", name, pool.Text, pool.Pos, strings.ReplaceAll(call, "{pool}", name))
	case known:
		b.WriteString("// db: the application's *sql.DB; driver.go says with which parameters\n")
	default:
		driver = fmt.Sprintf("_ %q", chosen.Import)
		if example := answers.DatabaseNamed(a.Database).Source; example != "" {
			fmt.Fprintf(&b, "// such as %s\n", example)
		}
		fmt.Fprintf(&b, "db, err := sql.Open(%q, %s)\nif err != nil {\n\treturn err\n}\n", chosen.Opens, chosen.Source)
	}
	prepare := "CheckDatabase"
	if a.Migrates() {
		prepare = "Migrate"
	}
	fmt.Fprintf(&b, "if err := %s.%s(ctx, db); err != nil {\n\treturn err\n}\n", a.PackageName, prepare)
	b.WriteString(answers.StoreNamed(a.Store).Client)
	return driver, b.String()
}

// newLines returns the lines that create an Auth.
func newLines(a answers.Answers) string {
	client := ""
	if config := answers.StoreNamed(a.Store).Config; config != "" {
		client = "\t" + config + "\n"
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
`, a.PackageName, client, a.WebName())
}

// mountLines returns the lines that add the routes to the application's router.
func mountLines(m project.MountPoint, a answers.Answers) string {
	register := func(router string) string { return fmt.Sprintf("a.Register(%s, %s.Routes(a))", router, a.WebName()) }
	var lines []string
	if router, at := answers.RouterNamed(a.Router), answers.RouterNamed(m.Router); router.Name == at.Name || at.Forward == "" {
		lines = []string{router.Before, router.Use, register("{r}")}
	} else {
		lines = []string{"routes := http.NewServeMux()", register("routes"), at.Forward}
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	return strings.NewReplacer("{r}", m.Variable, "{prefix}", a.Prefix).Replace(strings.Join(lines, "\n"))
}
