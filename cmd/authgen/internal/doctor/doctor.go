// Package doctor says what is wrong with how an application uses a package that authgen
// wrote. It goes by source text and by the names of variables in .env files, and runs
// nothing.
package doctor

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// A Finding is one thing that is wrong.
type Finding struct {
	ID     string `json:"id"` // of the check
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Text   string `json:"text"`   // one sentence
	Remedy string `json:"remedy"` // what to do
}

// A Check is one kind of finding.
type Check struct {
	ID   string // never changes
	What string // what it finds, for the documentation

	find func(*application) []Finding
}

// application is what the checks look at.
type application struct {
	usage   project.Usage
	answers answers.Answers
	module  fs.FS
	mount   project.Position // where to mount; authgen.yaml if that is not known
	files   files
}

// Checks are the checks of source and of the names in .env files.
var Checks = []Check{
	{"not-mounted", "the routes of the package are not registered: no code that is not a test calls `Register`", notMounted},
	{"routes-below-prefix", "`Register` gets a part of a router that has a path of its own, or a router behind `http.StripPrefix`, and the paths of the table are whole", belowPrefix},
	{"no-middleware", "neither `Middleware` nor `SessionMiddleware` is used, so no request outside of the table has a session, and the gate does nothing", noMiddleware},
	{"middleware-after-routes", "the router gets the middleware after a route or, of chi and gin, a group: chi panics, and with gin and fiber, that route or group does not get it", lateMiddleware},
	{"middleware-by-use", "gorilla's `Use` gets the middleware, and runs it only for requests that match a route", middlewareByUse},
	{"middleware-outside-prefix", "the middleware is outside of `http.StripPrefix`, so that the gate compares paths that still have the prefix", outsidePrefix},
	{"gate-without-page", "the gate redirects to `Config.LoginPath`, and no route answers it", gateWithoutPage},
	{"no-trusted-proxies", "there is evidence of a reverse proxy, and `Config.TrustedProxies` is not set, so that all clients share one rate limit", noTrustedProxies},
	{"client-address-rewritten", "middleware such as chi's `RealIP` replaces the address of the client by what a header says, so that any client chooses its rate limit", rewrittenAddress},
	{"migrations-not-applied", "nothing calls `Migrate`, and there is no sign of a migration tool", notMigrated},
	{"migrated-twice", "`Migrate` is called, and a tool applies the same migrations", migratedTwice},
	{"keys-not-in-env", "the variable with the keys is in none of the .env files", keysNotInEnv},
	{"base-url-not-in-env", "the variable with the base URL is in none of the .env files", baseURLNotInEnv},
	{"keys-in-source", "the keys are in the source, where everybody who reads it can seal cookies", keysInSource},
	{"env-not-ignored", "git does not ignore .env, which has the keys", envNotIgnored},
	{"no-server-timeouts", "the server of the router has no timeouts, so that slow clients keep connections for as long as they like", noTimeouts},
	{"other-database", "`Config.DB` is a database, or is opened by a driver, that the package was not written for", otherDatabase},
	{"redis-without-deadline", "the option ContextTimeoutEnabled of the Redis client is not set, so requests may wait for Redis past their deadline", redisDeadline},
	{"hooks-not-used", "hooks are written in the application side, and `Config.Hooks` is not set", hooksNotUsed},
	{"no-wait", "the application shuts its server down without calling `Wait`, which background work needs before the database is closed", noWait},
}

// Look returns what is wrong in an application, in the order of Checks. The mount point is
// where the lines to mount belong, if that is known.
func Look(p *project.Project, a answers.Answers, module fs.FS) ([]Finding, error) {
	found, err := readFiles(module)
	if err != nil {
		return nil, err
	}
	app := &application{usage: p.Usage(a, module), answers: a, module: module, files: found}
	if broken := app.usage.Broken; broken != nil {
		return nil, fmt.Errorf("%s: it does not parse, so nothing can be told about it; go vet says why", broken[0])
	}
	app.mount = project.Position{File: path.Join(a.Package, answers.FileName), Line: 1}
	if m := p.MountPoint(a.Router, a.Database, a.Driver); m.Pos.File != "" {
		app.mount = m.Pos
	}
	var list []Finding
	for _, c := range Checks {
		for _, f := range c.find(app) {
			f.ID = c.ID
			list = append(list, f)
		}
	}
	return list, nil
}

// at returns a finding at a position.
func at(pos project.Position, remedy, format string, args ...any) []Finding {
	return []Finding{{File: pos.File, Line: pos.Line, Text: fmt.Sprintf(format, args...), Remedy: remedy}}
}

// mounted reports whether the routes are registered. If they are not, only that is worth
// saying about the router.
func (app *application) mounted() bool { return len(app.usage.Registers) > 0 }

func notMounted(app *application) []Finding {
	if app.mounted() {
		return nil
	}
	pos, what := app.mount, fmt.Sprintf("nothing calls %s.New and Register", app.answers.PackageName)
	if len(app.usage.New) > 0 {
		pos, what = app.usage.New[0], "nothing calls Register of what New returns"
	}
	return at(pos, fmt.Sprintf("call a.Register with the router and %s.Routes(a); %s shows how", app.answers.WebName(), path.Join(app.answers.Package, "register.go")),
		"%s, so the routes below %s do not exist", what, app.answers.Prefix)
}

func belowPrefix(app *application) []Finding {
	var list []Finding
	for _, r := range app.usage.Registers {
		if r.Below != "" {
			list = append(list, at(r.Pos, "give Register the router itself; authgen set prefix=… moves the routes",
				"this router is below %s, and the paths in the table are whole, so its routes are below %s%s", r.Below, r.Below, app.answers.Prefix)...)
		}
	}
	return list
}

func noMiddleware(app *application) []Finding {
	if !app.mounted() || len(app.usage.Layers) > 0 {
		return nil
	}
	remedy := "serve the router through a.Middleware"
	if use := answers.RouterNamed(app.answers.Router).Use; use != "" {
		remedy = "call " + strings.ReplaceAll(use, "{r}", answers.RouterNamed(app.answers.Router).Variable) + " before any route"
	}
	return at(app.usage.Registers[0].Pos, remedy, "nothing uses a.Middleware or a.SessionMiddleware, so handlers of your own see no session")
}

func lateMiddleware(app *application) []Finding {
	var list []Finding
	for _, l := range app.usage.Layers {
		if l.Late.File == "" {
			continue
		}
		what := fmt.Sprintf("%s comes after the route or group at %s, which does not get it", l.Text, l.Late)
		if l.Panics {
			what = fmt.Sprintf("%s comes after the route or group at %s, so Use panics", l.Text, l.Late)
		}
		list = append(list, at(l.Pos, "move it before all routes and groups of the router", "%s", what)...)
	}
	return list
}

func middlewareByUse(app *application) []Finding {
	var list []Finding
	for _, l := range app.usage.Layers {
		r := answers.RouterNamed(l.Router)
		if l.Router != "" && r.Use == "" {
			list = append(list, at(l.Pos, "serve the router through it: pass on a.Middleware("+r.Variable+") to the server",
				"%s is given to Use of the router, which runs it only for requests that match a route", l.Text)...)
		}
	}
	return list
}

func outsidePrefix(app *application) []Finding {
	var list []Finding
	for _, l := range app.usage.Layers {
		if l.Within != "" {
			list = append(list, at(l.Pos, "put it inside: "+l.Within+"(prefix, "+l.Text+"(…)), and give Config.BaseURL the prefix",
				"%s is outside of %s, so it sees paths with the prefix", l.Text, l.Within)...)
		}
	}
	return list
}

// settings returns the literals of Config that have no setting for a field.
func (app *application) without(fields ...string) []project.Config {
	return slices.DeleteFunc(slices.Clone(app.usage.Configs), func(c project.Config) bool {
		return slices.ContainsFunc(fields, func(field string) bool { _, ok := c.Fields[field]; return ok })
	})
}

func gateWithoutPage(app *application) []Finding {
	if !app.answers.Tags()["gate"] || len(app.answers.Protected) == 0 || len(app.usage.Layers) == 0 {
		return nil
	}
	login, pos := "/login", app.mount
	for _, c := range app.usage.Configs {
		pos = c.Pos
		if set, ok := c.Fields["LoginPath"]; ok {
			if !set.IsString {
				return nil
			}
			login, pos = set.Constant, set.Pos
		}
	}
	page, _, _ := strings.Cut(login, "?")
	if !app.usage.Unanswered(page) {
		return nil
	}
	return at(pos, "add a page there, or set Config.LoginPath to the one that there is",
		"the gate redirects visitors of %s to %s, and no route answers that", app.answers.Protected[0], login)
}

func noTrustedProxies(app *application) []Finding {
	evidence, ok := app.files.proxy()
	if !ok && len(app.usage.Forwarded) > 0 {
		evidence, ok = app.usage.Forwarded[0], true
	}
	if !ok {
		return nil
	}
	var list []Finding
	for _, c := range app.without("TrustedProxies", "TrustUnixSocket") {
		list = append(list, at(c.Pos, "list the addresses of the proxies in Config.TrustedProxies",
			"Config.TrustedProxies is not set, and %s at %s is evidence of a proxy: all clients behind it share one rate limit", evidence.Text, evidence.Pos)...)
	}
	return list
}

func rewrittenAddress(app *application) []Finding {
	var list []Finding
	for _, e := range app.usage.Rewriters {
		// What comes after the middleware of the package does not affect it.
		if slices.ContainsFunc(app.usage.Layers, func(l project.Layer) bool {
			return l.Router != "" && l.Pos.File == e.Pos.File && l.Pos.Line < e.Pos.Line
		}) {
			continue
		}
		list = append(list, at(e.Pos, "remove it and list the proxies in Config.TrustedProxies, or put it after a.Middleware",
			"%s takes the address of the client from a header that any client can send", e.Text)...)
	}
	return list
}

func notMigrated(app *application) []Finding {
	tool := answers.MigrationToolNamed(app.answers.Migrations)
	if len(app.usage.Migrates) > 0 || len(app.usage.New) == 0 || app.migratedByTool(tool) || app.usage.Mentions(app.answers.PackageName+".Migrations") {
		return nil
	}
	if app.answers.Migrates() {
		return at(app.usage.New[0], fmt.Sprintf("call %s.Migrate(ctx, db) before New", app.answers.PackageName),
			"nothing calls %s.Migrate, and there is no sign of a migration tool, so the tables may be missing", app.answers.PackageName)
	}
	if tool.Command == "" {
		return nil // the project has a way of its own
	}
	name, _, _ := strings.Cut(tool.Command, " ")
	return at(app.usage.New[0], "apply the migrations before the application starts, such as with "+name,
		"no script, configuration or code in the module runs %s, so the tables may be missing", tool.Name)
}

// migratedByTool reports whether the module has a sign of a tool that applies the
// migrations.
func (app *application) migratedByTool(tool answers.MigrationTool) bool {
	for _, t := range answers.MigrationTools {
		if t.Name != tool.Name && !tool.Applied || t.Command == "" {
			continue
		}
		name, _, _ := strings.Cut(t.Command, " ")
		if _, ok := app.usage.Imports("/" + name); ok || app.files.runs(name) {
			return true
		}
	}
	dir := app.answers.MigrationsDir
	return dir != "" && app.usage.Mentions(path.Base(dir))
}

func migratedTwice(app *application) []Finding {
	if len(app.usage.Migrates) == 0 {
		return nil
	}
	dir := path.Join(app.answers.Package, "migrations")
	for _, t := range answers.MigrationTools {
		name, _, _ := strings.Cut(t.Command, " ")
		if pos, ok := app.files.runsOn(name, dir); ok && name != "" {
			return at(pos, "leave it to one of them", "%s applies the migrations in %s, and %s calls Migrate, which does not know what a tool has applied", t.Name, dir, app.usage.Migrates[0])
		}
	}
	return nil
}

func keysNotInEnv(app *application) []Finding {
	var list []Finding
	for _, set := range app.usage.Keys {
		list = append(list, app.notInEnv(set, "authgen key prints a key")...)
	}
	return list
}

func baseURLNotInEnv(app *application) []Finding {
	var list []Finding
	for _, c := range app.usage.Configs {
		if set, ok := c.Fields["BaseURL"]; ok {
			list = append(list, app.notInEnv(set, "it is the URL at which browsers reach the application")...)
		}
	}
	return list
}

// notInEnv returns a finding if a setting is read from a variable that no .env file names.
func (app *application) notInEnv(set project.Setting, hint string) []Finding {
	var names []string
	for _, f := range app.files.env {
		if !strings.Contains(f.name, "/") { // others may be of other programs
			names = append(names, f.name)
		}
	}
	if set.Variable == "" || set.Optional || len(names) == 0 || app.files.names(set.Variable) {
		return nil
	}
	return []Finding{{
		File: names[0], Line: 1, Remedy: "add it there; " + hint,
		Text: fmt.Sprintf("%s, which %s reads, is not in %s", set.Variable, set.Pos, strings.Join(names, " or ")),
	}}
}

func keysInSource(app *application) []Finding {
	var list []Finding
	for _, set := range app.usage.Keys {
		if set.IsString && set.Constant != "" {
			list = append(list, at(set.Pos, "read them from the environment or a secret store, and replace them",
				"the keys are in the source, so whoever reads it can seal cookies")...)
		}
	}
	return list
}

func envNotIgnored(app *application) []Finding {
	if _, err := fs.Stat(app.module, ".git"); err != nil || app.files.ignored {
		return nil // a .gitignore above the module may name it
	}
	for _, set := range app.usage.Keys {
		if line, ok := app.files.lineIn(".env", set.Variable); ok && set.Variable != "" {
			return at(project.Position{File: ".env", Line: line}, "add .env to .gitignore; if it was ever committed, replace the keys",
				"no .gitignore names .env, which has %s", set.Variable)
		}
	}
	return nil
}

func noTimeouts(app *application) []Finding {
	var list []Finding
	for _, e := range app.usage.Servers {
		list = append(list, at(e.Pos, "use "+answers.RouterNamed(app.answers.Router).ServerTimeouts(),
			"%s has no timeouts, so slow clients keep connections for as long as they like", e.Text)...)
	}
	return list
}

func otherDatabase(app *application) []Finding {
	var list []Finding
	for _, c := range app.usage.Configs {
		set, ok := c.Fields["DB"]
		if !ok {
			continue
		}
		if text, opened, ok := app.usage.Other(set, app.answers); ok {
			list = append(list, at(set.Pos, fmt.Sprintf("open one with %s, or change the answers: authgen set driver=…", app.answers.Driver),
				"Config.DB is opened with %s at %s, and the package is for %s with %s", text, opened.Pos, answers.DatabaseNamed(app.answers.Database).Title, app.answers.Driver)...)
		}
	}
	return list
}

func redisDeadline(app *application) []Finding {
	if !answers.StoreNamed(app.answers.Store).Apart() || app.usage.Mentions("ContextTimeoutEnabled") {
		return nil
	}
	var list []Finding
	for _, c := range app.usage.Configs {
		if set, ok := c.Fields["Redis"]; ok {
			list = append(list, at(set.Pos, "set it: options.ContextTimeoutEnabled = true", "the Redis client has no ContextTimeoutEnabled, so a request may wait for Redis past its deadline")...)
		}
	}
	return list
}

func hooksNotUsed(app *application) []Finding {
	if !app.usage.Hooks() {
		return nil
	}
	var list []Finding
	for _, c := range app.without("Hooks") {
		list = append(list, at(c.Pos, fmt.Sprintf("add Hooks: %s.Hooks()", app.answers.WebName()),
			"Config.Hooks is not set, so the hooks in %s are never called", path.Join(app.answers.Package, app.answers.WebName(), "hooks.go"))...)
	}
	return list
}

func noWait(app *application) []Finding {
	if len(app.usage.New) == 0 || len(app.usage.Shutdowns) == 0 || len(app.usage.Waits) > 0 {
		return nil
	}
	return at(app.usage.Shutdowns[0], "call a.Wait() after it, before the database is closed",
		"the server shuts down, and nothing calls a.Wait, so background work may lose its database")
}
