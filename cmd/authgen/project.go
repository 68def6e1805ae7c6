package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator"
)

// found says what was found out about the project before questions are asked.
func (c *cli) found(project *generator.Project) {
	c.say("module %s, go %s", project.Module, project.GoVersion)
	if mount, ok := project.Mount(); ok {
		c.say("found %s at %s", mount.Text, mount.Pos)
	}
	c.say("")
}

// unsupported is an error if the project uses something that this version
// writes no code for, and the developer has not said to go on regardless.
func unsupported(project *generator.Project, given map[string]bool) error {
	var problems several
	var flags []string
	refuse := func(flag, format string, args ...any) {
		problems = append(problems, fmt.Errorf(format, args...))
		flags = append(flags, flag)
	}
	if name, ok := project.Router(); ok && !given["router"] && !takesHandlers(name) {
		refuse("--router=net/http", "%s: this version has no routes for %s", evidence(project.Routers, name), name)
	}
	if name, ok := project.Database(); ok && name != "sqlite" && !given["database"] {
		refuse("--database=sqlite", "%s: this version has no queries for %s", driverEvidence(project, name), name)
	} else if module, ok := project.Driver(); ok && module != "modernc.org/sqlite" && !given["driver"] && !given["database"] {
		refuse("--driver=modernc.org/sqlite", "%s: this version knows only the driver modernc.org/sqlite", evidence(project.Drivers, module))
	}
	if problems == nil {
		return nil
	}
	return withHint("to have the package beside that all the same, give "+strings.Join(flags, " and "), problems)
}

// takesHandlers reports whether a router takes the handlers of net/http as they
// are.
func takesHandlers(router string) bool {
	return router == "net/http" || router == "chi" || router == "gorilla"
}

func evidence(candidates []generator.Candidate, name string) string {
	for _, cand := range candidates {
		if cand.Name == name {
			return fmt.Sprintf("%s: %s", cand.Evidence[0].Pos, cand.Evidence[0].Text)
		}
	}
	return name
}

func driverEvidence(project *generator.Project, database string) string {
	for _, cand := range project.Drivers {
		if cand.Database == database {
			return evidence(project.Drivers, cand.Name)
		}
	}
	return database
}

// neededModules are the modules that a package for these answers imports.
func neededModules(a generator.Answers) []string {
	return []string{"golang.org/x/crypto", a.Driver}
}

// moduleList joins modules by between, and each with its version by at.
func moduleList(modules []generator.Module, at, between string) string {
	var list []string
	for _, m := range modules {
		list = append(list, m.Path+at+m.Version)
	}
	return strings.Join(list, between)
}

// nextSteps prints what is left to the developer: the lines to add, and where.
func (c *cli) nextSteps(project *generator.Project, a generator.Answers, missing []generator.Module, tidied bool) {
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
	where, router := "where the application makes its router", ""
	mux := "mux"
	if mount, ok := project.Mount(); ok {
		where = fmt.Sprintf("at %s, after %s", mount.Pos, mount.Text)
		router = madeBy(project, mount)
		if mount.Kind == generator.ByRegistration {
			mux = "http.DefaultServeMux"
		} else if name := assignedTo(project, mount); name != "" {
			mux = name
		}
	}
	next("Mount it %s:\n", where)
	open := "the application's *sql.DB"
	if _, ok := project.Database(); !ok {
		open = "import _ \"modernc.org/sqlite\" and open it as the documentation of Config.DB says"
	}
	c.say(`     import %q

     // db: %[4]s
     if err := %[2]s.Migrate(ctx, db); err != nil {
     	return err
     }
     keys, err := %[2]s.ParseKeys(os.Getenv("AUTH_KEYS"))
     if err != nil {
     	return err
     }
     a, err := %[2]s.New(%[2]s.Config{
     	DB:      db,
     	Keys:    keys,
     	BaseURL: os.Getenv("BASE_URL"), // or http://localhost:8080
     	Hooks:   %[2]s.NewHooks(),
     })
     if err != nil {
     	return err
     }
%[3]s`, path.Join(project.Module, a.Package), a.PackageName, registration(router, mux, a.Prefix), open)
	if router != "fiber" { // whose handlers are not of net/http
		next("Serve the router through it: where %[2]s was given to the server,\n   give a.Handler(%[2]s).", mux)
	}
	self := "authgen"
	if project.Tool {
		self = "go tool authgen"
	}
	next("Set BASE_URL to where browsers reach it, and AUTH_KEYS to what this prints,\n   which is a secret:\n\n     %s key", self)
	next("Read %s: how to guard a route, how to create the\n   first administrator, and what is yours to edit.", path.Join(a.Package, "auth.go"))
}

// registration is the code that adds the routes below the prefix to a router.
func registration(router, mux, prefix string) string {
	var handOn string
	switch router {
	case "chi":
		handOn = fmt.Sprintf("%s.Handle(%q, routes)", mux, prefix+"/*")
	case "gorilla":
		handOn = fmt.Sprintf("%s.PathPrefix(%q).Handler(routes)", mux, prefix+"/")
	case "gin":
		handOn = fmt.Sprintf("%s.Any(%q, gin.WrapH(routes))", mux, prefix+"/*path")
	case "echo":
		handOn = fmt.Sprintf("%s.Any(%q, echo.WrapHandler(routes))", mux, prefix+"/*")
	case "fiber":
		handOn = fmt.Sprintf("%s.All(%q, adaptor.HTTPHandler(a.Handler(routes)))", mux, prefix+"/*")
	default:
		return fmt.Sprintf("     a.Register(%s)", mux)
	}
	return "     routes := http.NewServeMux()\n     a.Register(routes)\n     " + handOn
}

// madeBy returns the name of the router that the evidence is for.
func madeBy(project *generator.Project, e generator.Evidence) string {
	for _, cand := range project.Routers {
		if slices.Contains(cand.Evidence, e) {
			return cand.Name
		}
	}
	return ""
}

// assignedTo returns the variable that the router made at a line of the project is
// assigned to, or "".
func assignedTo(project *generator.Project, mount generator.Evidence) string {
	pos := mount.Pos
	data, err := os.ReadFile(filepath.Join(project.Root, filepath.FromSlash(pos.File)))
	if err != nil {
		return ""
	}
	lines := strings.Split(string(data), "\n")
	if pos.Line > len(lines) {
		return ""
	}
	_, made, _ := strings.Cut(mount.Text, ".")
	assignment := regexp.MustCompile(`([\pL_][\pL\pN_.]*)\s*:?=\s*[\pL_][\pL\pN_]*\.` + regexp.QuoteMeta(made) + `\(`)
	if m := assignment.FindStringSubmatch(lines[pos.Line-1]); m != nil {
		return m[1]
	}
	return ""
}
