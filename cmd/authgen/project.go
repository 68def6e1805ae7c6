package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
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
	// chi and gorilla take the handlers of net/http as they are.
	if name, ok := project.Router(); ok && !given["router"] {
		switch name {
		case "net/http", "chi", "gorilla":
		default:
			return failf("--router=net/http writes a package for net/http all the same, to be mounted by hand",
				"%s: this version has no routes for %s", evidence(project.Routers, name), name)
		}
	}
	if name, ok := project.Database(); ok && name != "sqlite" && !given["database"] {
		return failf("--database=sqlite writes a package for SQLite all the same",
			"%s: this version has no queries for %s", driverEvidence(project, name), name)
	}
	if module, ok := project.Driver(); ok && module != "modernc.org/sqlite" && !given["driver"] && !given["database"] {
		return failf("--driver=modernc.org/sqlite uses that driver beside the one in use",
			"%s: this version knows only the driver modernc.org/sqlite", evidence(project.Drivers, module))
	}
	return nil
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

func moduleList(modules []generator.Module) string {
	var list []string
	for _, m := range modules {
		list = append(list, m.Path+" "+m.Version)
	}
	return strings.Join(list, " and ")
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
		next("Add the modules that the package needs:\n")
		c.say("     go get %s", strings.ReplaceAll(strings.ReplaceAll(moduleList(missing), " and ", " "), " v", "@v"))
		c.say("     go mod tidy")
	}
	if project.Vendored {
		next("Bring vendor up to date:\n\n     go mod vendor")
	}
	where, mux, handler := "where the application makes its router", "mux", "the router"
	if mount, ok := project.Mount(); ok {
		where = fmt.Sprintf("at %s, after %s", mount.Pos, mount.Text)
		if mount.Kind == generator.ByRegistration {
			mux, handler = "http.DefaultServeMux", "http.DefaultServeMux"
		} else if name := assignedTo(project, mount.Pos); name != "" {
			mux, handler = name, name
		}
	}
	next("Mount it %s:\n", where)
	c.say(`     import %q

     if err := %[2]s.Migrate(ctx, db); err != nil { // db is the application's *sql.DB
     	return err
     }
     keys, err := %[2]s.ParseKeys(os.Getenv("AUTH_KEYS"))
     if err != nil {
     	return err
     }
     a, err := %[2]s.New(%[2]s.Config{
     	DB:      db,
     	Keys:    keys,
     	BaseURL: os.Getenv("BASE_URL"), // such as https://app.example.com
     	Hooks:   %[2]s.NewHooks(),
     })
     if err != nil {
     	return err
     }
     a.Register(%[3]s)`, path.Join(project.Module, a.Package), a.PackageName, mux)
	next("Serve the router through it: where %s was given to the server, give a.Handler(%s)", handler, mux)
	next("Set AUTH_KEYS to what this prints, and keep it secret:\n\n     authgen key")
	next("Read %s: how to guard a route, and what is yours to edit.", path.Join(a.Package, "auth.go"))
}

var assignment = regexp.MustCompile(`([\pL_][\pL\pN_.]*)\s*:?=\s*\S*\(`)

// assignedTo returns the variable that a line of the project assigns to, or "".
func assignedTo(project *generator.Project, pos generator.Position) string {
	data, err := os.ReadFile(filepath.Join(project.Root, filepath.FromSlash(pos.File)))
	if err != nil {
		return ""
	}
	lines := strings.Split(string(data), "\n")
	if pos.Line > len(lines) {
		return ""
	}
	if m := assignment.FindStringSubmatch(lines[pos.Line-1]); m != nil {
		return m[1]
	}
	return ""
}
