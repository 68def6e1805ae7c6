package emit

import (
	"cmp"
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
	Code  string // Go code to paste there: imports that the file lacks, and the lines of a function
	First bool   // the lines must come before any route
	Serve bool   // the router must be served through the package's Middleware
	Auth  string // what the lines call the *Auth

	// Where the router is served, Middleware is given Pass, in place of Instead.
	Pass, Instead string
}

// Wire returns what to add to the project for the package that the answers describe. The
// lines compile where they are to be added, whatever the function there returns and
// declares. If the place is not known, they are for a function that returns nothing.
func Wire(p *project.Project, a answers.Answers) Wiring {
	m := p.MountPoint(a.Router, a.Database, a.Driver)
	if h := &m.Handle; h.Since != "" && !p.Has(a.Driver, h.Since) {
		h.DB = h.Before
	}
	router := answers.RouterNamed(a.Router)
	w := Wiring{Mount: m}
	uses := router.Use != "" && !(m.Late && router.Wraps())
	w.First = uses && !m.Late
	// A router with other requests than those of net/http forwards them to Middleware.
	w.Serve = !uses && answers.RouterNamed(m.Router).Requests()

	own := path.Join(p.Module, a.Package)
	l := &lines{mount: m, answers: a, plain: m.New || m.Unclear != "" && router.Standard() && len(p.Serves)+len(p.OtherRouters) > 0, packages: map[string]string{
		a.PackageName: own, a.WebName(): path.Join(own, a.WebName()),
	}}
	if m.New {
		l.rest = `{r}.Handle("/", ` + itsHandler + `)`
	} else if !slices.ContainsFunc(p.OtherRouters, func(c project.Candidate) bool { return c.Apart }) {
		l.rest = `{r}.Handle("/", handler) // handler: what the application serves today`
	}
	for _, name := range []string{"context", answers.SQL, "fmt", "log", "os"} {
		l.packages[path.Base(name)] = name
	}
	for _, r := range answers.Routers {
		if r.Standard() || r.Name == m.Router {
			l.packages[r.Package] = r.Import
		}
		if r.Forwards != "" && r.Name == m.Router {
			l.packages[path.Base(r.Forwards)] = r.Forwards
		}
	}
	if s := answers.StoreNamed(a.Store); s.Package != "" {
		l.packages[s.Package] = s.Module
	}
	l.open()
	l.new()
	l.register(uses)
	w.Code, w.Auth = l.code()
	w.Pass, w.Instead = m.Variable, cmp.Or(m.Handler, m.Variable)
	if !m.New && w.Instead != "nil" {
		w.Pass = w.Instead
	}
	return w
}

// lines are the lines of a function, without the imports.
type lines struct {
	mount    project.MountPoint
	answers  answers.Answers
	plain    bool   // whether a ServeMux is made for the routes
	rest     string // passes other requests from that on to what the application serves
	text     strings.Builder
	db       string            // expression for the *sql.DB
	drivers  []string          // imports for their side effects
	packages map[string]string // import paths by the names that the lines use
}

func (l *lines) add(format string, args ...any) { fmt.Fprintf(&l.text, format, args...) }

// open adds the lines that get and prepare the database.
func (l *lines) open() {
	chosen := answers.DriverNamed(l.answers.Driver)
	h := l.mount.Handle
	from := ""
	if h.Opened.Text != "" {
		from = fmt.Sprintf("%s at %s", h.Opened.Text, h.Opened.Pos)
	}
	l.db = "db"
	switch {
	case h.Expr != "" && h.DB == "{h}":
		l.db = itsHandle
		if from == "" {
			from = "the application"
		}
		l.add("// %s: from %s; driver.go says with which parameters\n", h.Expr, from)
	case h.Expr != "":
		if from == "" {
			from = h.Name
		}
		l.add("// %s: from %s; driver.go says with which parameters\n", h.Expr, from)
		if h.Imports != "" {
			l.packages[path.Base(h.Imports)] = h.Imports
		}
		open := strings.ReplaceAll(h.DB, "{h}", itsHandle)
		if h.Fails {
			l.add("db, err := %s\nif err != nil {\n\treturn err\n}\n", open)
		} else {
			l.add("db := %s\n", open)
		}
	default:
		l.openOwn(chosen, from)
	}
	prepare := "CheckDatabase"
	if l.answers.Migrates() {
		prepare = "Migrate"
	}
	l.add("if err := %s.%s(%s, %s); err != nil {\n\treturn err\n}\n", l.answers.PackageName, prepare, itsContext, l.db)
	l.add("%s", answers.StoreNamed(l.answers.Store).Client)
}

// openOwn adds the lines that open a database for the package, since the function does
// not have that of the application, if there is one.
func (l *lines) openOwn(chosen answers.Driver, from string) {
	h := l.mount.Handle
	example := answers.DatabaseNamed(l.answers.Database).Source
	same := "open the same database once more"
	if example == "" { // a file, whose name is in the lines
		same = "open a file: let it be that of the application"
	}
	switch {
	case from == "":
	case h.Apart != "":
		l.comment("The connections from %s are those of %s, whose errors the package cannot read. These lines %s.", from, h.Apart, same)
	case h.Hidden != "":
		l.comment("Could not tell where the *sql.DB is. %s makes one, and %s. Until then, these lines %s.", from, h.Hidden, same)
	default:
		of := ""
		if h.DB != "{h}" && h.DB != "" {
			of = fmt.Sprintf(" The *sql.DB of x, which that makes, is %s.", strings.ReplaceAll(h.DB, "{h}", "x"))
		}
		l.comment("Could not tell where the *sql.DB is. It is opened by %s, and this function does not have it: pass it on.%s Until then, these lines %s.", from, of, same)
	}
	source := chosen.Source
	switch {
	case example != "" && h.Variable != "":
		source = strings.ReplaceAll(source, answers.SourceVariable, h.Variable)
		l.add("// %s is the application's; driver.go says with which parameters\n", h.Variable)
	case example != "":
		l.add("// %s looks like %s\n", answers.SourceVariable, example)
	}
	if _, ok := l.mount.Imports[chosen.Import]; !ok {
		l.drivers = append(l.drivers, chosen.Import)
	}
	l.add("db, err := sql.Open(%q, %s)\nif err != nil {\n\treturn err\n}\n", chosen.Opens, source)
}

// comment adds a comment, in lines of a usual length.
func (l *lines) comment(format string, args ...any) {
	line := "//"
	for word := range strings.FieldsSeq(fmt.Sprintf(format, args...)) {
		if len(line)+len(word) > 84 {
			l.add("%s\n", line)
			line = "//"
		}
		line += " " + word
	}
	l.add("%s\n", line)
}

// new adds the lines that create an Auth.
func (l *lines) new() {
	client := ""
	if config := answers.StoreNamed(l.answers.Store).Config; config != "" {
		client = "\t" + config + "\n"
	}
	l.add(`keys, err := %[1]s.ParseKeys(os.Getenv("AUTH_KEYS"))
if err != nil {
	return fmt.Errorf("AUTH_KEYS: %%w", err)
}
a, err := %[1]s.New(%[1]s.Config{
	DB:      %[4]s,
%[2]s	Keys:    keys,
	BaseURL: os.Getenv("BASE_URL"), // or http://localhost:8080
	Hooks:   %[3]s.Hooks(),
})
if err != nil {
	return err
}
`, l.answers.PackageName, client, l.answers.WebName(), l.db)
}

// register adds the lines that add the routes to the application's router, and the
// middleware if the router uses it.
func (l *lines) register(uses bool) {
	m, a := l.mount, l.answers
	register := func(router string) string { return fmt.Sprintf("a.Register(%s, %s.Routes(a))", router, a.WebName()) }
	router, at := answers.RouterNamed(a.Router), answers.RouterNamed(m.Router)
	var list []string
	switch {
	case l.plain:
		list = []string{"{r} := http.NewServeMux()", register("{r}"), l.rest}
	case router.Name != at.Name && at.Forward != "":
		list = []string{"routes := http.NewServeMux()", register("routes"), at.Forward}
	case uses && m.Late:
		list = []string{router.Before, "// no route that was added before this line gets it; guards need no more", router.Use, register("{r}")}
	case uses:
		list = []string{router.Before, router.Use, register("{r}")}
	default:
		list = []string{register("{r}")}
	}
	list = slices.DeleteFunc(list, func(line string) bool { return line == "" })
	l.add("%s\n", strings.NewReplacer("{r}", itsRouter, "{prefix}", a.Prefix).Replace(strings.Join(list, "\n")))
}
