package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"go/version"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/authgen/authgen/cmd/authgen/internal/gocmd"
	"github.com/authgen/authgen/cmd/authgen/internal/questions"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
	"github.com/authgen/authgen/templates"
)

var newCommand = command{
	name:    "new",
	args:    "DIR [flags]",
	summary: "create a small complete application with auth in it",
	detail: `Creates the directory DIR with a module of its own: a small web application with a
public page, one for users and one for administrators. It starts with "go run ." and
keeps its data in a SQLite file unless you choose another database. The command asks
nothing unless --ask is given; the flags change the defaults.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		var o newOptions
		o.answerFlags(flags, emit.AppAnswers())
		flags.StringVar(&o.module, "module", "", "module `PATH`; by default the name of the directory")
		flags.BoolVar(&o.yes, "yes", false, "ask nothing, as without --ask")
		flags.BoolVar(&o.ask, "ask", false, "show all answers at the terminal, and ask for other ones, as authgen init does")
		flags.BoolVar(&o.plain, "plain", false, "with --ask, ask with numbered choices, line by line; so do ACCESSIBLE=1 and TERM=dumb")
		return func(c *cli, args []string) error {
			if len(args) == 0 {
				return failf("such as authgen new demo", "new: the directory to create is missing")
			}
			if len(args) > 1 {
				return noArgs("new", args[1:])
			}
			if o.yes && o.ask {
				return usageError("new", "--yes and --ask exclude each other")
			}
			o.dir = args[0]
			return c.newApp(&o)
		}
	},
}

// newOptions are the flags of new.
type newOptions struct {
	initOptions
	module string
	ask    bool
}

// newApp creates an application.
func (c *cli) newApp(o *newOptions) error {
	root, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	modulePath := cmp.Or(o.module, filepath.Base(root))
	goVersion, err := newModuleGo(modulePath)
	if err != nil {
		return err
	}
	project := &project.Project{Root: root, Module: modulePath, GoVersion: goVersion}
	qs, err := questionsFor(project, emit.AppAnswers())
	if err != nil {
		return err
	}
	qs.Taken = notApplied
	r, err := resolve(qs, questions.Given{Flags: o.answers})
	if err != nil {
		return err
	}
	if len(r.Problems) > 0 && !o.ask {
		return flagProblems(r.Problems)
	}
	made, err := makeEmptyDir(root, r.Answers.Package)
	if err != nil {
		return err
	}
	if r, err = c.fillApp(project, qs, r, o); err != nil {
		if made {
			_ = os.Remove(root) // it is empty
		}
		return err
	}
	a := r.Answers
	if o.ask {
		c.say("\nTo do the same without questions:\n\n  %s", o.command(r.Flags()))
	}
	c.say("")
	if needs := servers(a); needs != "" {
		c.say("it needs %s: .env.example has the settings, database.go the defaults", needs)
	}
	c.say("created %s; start it with:\n\n  cd %s", o.dir, shellQuote(o.dir))
	if workspace(root) {
		c.say("  go work use .")
	}
	c.say("  go run .\n\nThe first run compiles the database driver too, which takes a minute or two.")
	return nil
}

// command returns the command that creates an application with these answers.
func (o *newOptions) command(flags []questions.Flag) string {
	line := "authgen new " + shellQuote(o.dir)
	if o.module != "" {
		line += " --module=" + shellQuote(o.module)
	}
	return line + flagTexts(flags)
}

// notApplied returns the problem of answers with which the package does not create all tables
// itself.
func notApplied(a answers.Answers) answers.Problems {
	const why = "the application creates its tables when it starts, so the package must apply the migrations itself; "
	switch {
	case a.Users.Adopted():
		return answers.Problems{{Path: "users", Message: "the application is new, so it has no table of users; leave it out"}}
	case a.Migrates():
		return nil
	case a.MigrationsDir != "":
		return answers.Problems{{Path: "migrations_dir", Message: why + "leave it empty"}}
	}
	return answers.Problems{{Path: "migrations", Message: why + "choose " + strings.Join(answers.AppliedTools(), " or ")}}
}

// fillApp asks for the answers, if o says so, and writes the application into the empty
// directory of the project.
func (c *cli) fillApp(p *project.Project, qs questions.Project, r questions.Resolution, o *newOptions) (questions.Resolution, error) {
	if !o.ask {
		d, err := plannedApp(p, r.Answers)
		if err != nil {
			return r, err
		}
		c.say("writing %s", amount(r.Answers, d.plan))
		return r, c.writeApp(p, d)
	}
	prompter, err := c.open(o.plain)
	if err != nil {
		return r, err
	}
	defer func() { _ = prompter.Close() }()
	v := &interview{
		prompter: prompter,
		walk:     questions.NewWalk(qs, o.answers),
		title:    fmt.Sprintf("new module %s, go %s", p.Module, p.GoVersion),
		draft:    func(a answers.Answers) (*draft, error) { return plannedApp(p, a) },
	}
	r, d, _, err := v.run()
	if err != nil {
		return r, stopped(err, r, o.command(nil)+" --ask", func() string { return o.command(r.Flags()) })
	}
	return r, c.writeApp(p, d)
}

// servers names the servers that an application needs, "" if none.
func servers(a answers.Answers) string {
	var needs []string
	for _, server := range []string{answers.DatabaseNamed(a.Database).Server, answers.StoreNamed(a.Store).Server} {
		if server != "" {
			needs = append(needs, server)
		}
	}
	return strings.Join(needs, " and ")
}

// workspace reports whether dir is in a workspace of the go command.
func workspace(dir string) bool {
	env, err := gocmd.Env(dir, "GOWORK")
	return err == nil && env[0] != "" && env[0] != "off"
}

// newModuleGo returns the version for the go line of a new module. It returns an error
// if the module path is invalid or the installed toolchain is too old.
func newModuleGo(modulePath string) (string, error) {
	env, err := gocmd.Env(".", "GOVERSION", "GOROOT")
	if err != nil {
		return "", failf("install Go from https://go.dev/dl and try again", "go env: %w", err)
	}
	installed, goroot := env[0], env[1]
	if err := checkModulePath(modulePath, goroot); err != nil {
		return "", withHint("give one with --module, such as --module=example.com/demo", err)
	}
	for _, line := range []string{"1.26.0", "1.25.0"} {
		if version.Compare("go"+line, installed) <= 0 {
			return line, nil
		}
	}
	return "", failf("install a newer one from https://go.dev/dl", "%s is installed, and the application needs go1.25.0 or later", installed)
}

// checkModulePath returns an error if name is not a valid module path, or if the go
// command would take it for a package of the standard library.
func checkModulePath(name, goroot string) error {
	if err := module.CheckImportPath(name); err != nil {
		if invalid, ok := errors.AsType[*module.InvalidPathError](err); ok {
			err = invalid.Err
		}
		return fmt.Errorf("%q cannot be a module path: %w", name, err)
	}
	first, _, _ := strings.Cut(name, "/")
	if info, err := os.Stat(filepath.Join(goroot, "src", first)); err == nil && info.IsDir() {
		return fmt.Errorf("%q cannot be a module path: the standard library has %s", name, first)
	}
	return nil
}

// makeEmptyDir creates a directory, and reports whether it did; an empty directory may
// exist already. It first undoes a killed run that was writing an application there,
// with its package in dir.
func makeEmptyDir(name, dir string) (made bool, err error) {
	switch err := os.Mkdir(name, 0o777); {
	case err == nil:
		return true, nil
	case !errors.Is(err, os.ErrExist):
		return false, err
	}
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return false, failf("choose another name", "%s is a file", name)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = root.Close() }()
	if err := plan.Recover(root, dir); err != nil {
		return false, err
	}
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	if _, err := f.ReadDir(1); !errors.Is(err, io.EOF) {
		return false, failf("choose another directory; authgen init adds a package to an existing module",
			"%s is not an empty directory", name)
	}
	return false, nil
}

// plannedApp plans the package for the answers, and the application around it.
func plannedApp(p *project.Project, a answers.Answers) (*draft, error) {
	d, err := planned(p, a)
	if err != nil {
		return nil, err
	}
	files, err := emit.App(templates.FS, a, emit.Target{Module: p.Module})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		d.plan.AddFile(f.Path, nil, f.Data)
	}
	return d, nil
}

// writeApp writes the application into the project's root.
func (c *cli) writeApp(p *project.Project, d *draft) error {
	mod := fmt.Sprintf("module %s\n\ngo %s\n", modfile.AutoQuote(p.Module), p.GoVersion)
	if err := c.tidy(p.Root, []byte(mod), d.missing, d.plan); err != nil {
		return err
	}
	d.plan.AddPrivateFile(".env", []byte("# See .env.example.\nAUTH_KEYS="+newKey()+"\n"))
	if err := d.in.apply(d.plan); err != nil {
		return err
	}
	c.list(d.plan)
	return nil
}
