package gocmd

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

// A Package says where the package that Prove checks is.
type Package struct {
	Root       string // directory of the module
	Dir        string // directory of the package, relative to Root
	Migrations string // directory of the migrations, relative to Root; empty if it is in Dir
}

// Prove builds, vets and tests the package and those below it as if the plan had been
// applied, and builds the rest of the module. It also runs the unit tests that the answers
// leave out. It does not change the module. An error includes the output of the go command.
func Prove(pkg Package, plan *plan.Plan) error {
	o, err := newOverlay(pkg.Root, plan)
	if err != nil {
		return err
	}
	defer func() { _ = o.close() }()
	p := proof{overlay: o, pkg: pkg}
	if err := p.useModules(plan); err != nil {
		return err
	}
	if flags, err := Env(p.root, "GOFLAGS"); err == nil && !strings.Contains(flags[0], "-ldflags") {
		p.linkFlags = []string{"-ldflags=-w"} // debug information is not needed
	}
	// Both compile the package. It nearly always compiles, so go build does not run first.
	vetted := make(chan error, 1)
	go func() { vetted <- p.vet(plan) }()
	tested := p.test(plan)
	if err := <-vetted; err != nil {
		return err
	}
	if tested != nil {
		return tested
	}
	return p.buildRest()
}

// own returns the pattern of the package and those below it.
func (p *proof) own() string { return "./" + p.pkg.Dir + "/..." }

// vet vets the package and those below it, unless a directory does not exist yet.
func (p *proof) vet(plan *plan.Plan) error {
	if !p.inPlace(plan) {
		return nil
	}
	if out, err := p.goCommand([]string{"vet"}, p.own()); err != nil {
		return p.failed("vet", out, err)
	}
	return nil
}

// inPlace reports whether every directory that the plan writes to exists. The go command
// runs vet in the directory of each package, so it cannot vet a package without one.
func (p *proof) inPlace(plan *plan.Plan) bool {
	for name, data := range plan.Written() {
		if info, err := os.Stat(filepath.Dir(p.abs(name))); data != nil && (err != nil || !info.IsDir()) {
			return false
		}
	}
	return true
}

// A proof is one run of Prove.
type proof struct {
	*overlay
	pkg   Package
	env   []string
	flags []string

	linkFlags []string // for test binaries
}

// useModules makes the go command use the plan's go.mod, if the plan writes one. The
// overlay is not enough for that.
func (p *proof) useModules(plan *plan.Plan) error {
	mod, ok := plan.Written()["go.mod"]
	if !ok {
		return nil
	}
	sum, ok := plan.Written()["go.sum"]
	if !ok {
		var err error
		if sum, err = readIfThere(filepath.Join(p.root, "go.sum")); err != nil {
			return err
		}
	}
	for name, data := range map[string][]byte{"go.mod": mod, "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(p.scratch, name), data, 0o600); err != nil {
			return err
		}
		delete(p.replace, filepath.Join(p.root, name))
	}
	p.flags = []string{"-modfile=" + filepath.Join(p.scratch, "go.mod")}
	p.env = []string{"GOWORK=off"} // since a workspace does not allow -modfile
	return nil
}

func (p *proof) goCommand(command []string, args ...string) (string, error) {
	return p.overlay.goCommand(p.env, append(command, p.flags...), args...)
}

// failed returns the error for a command that failed, with its output. If the package
// does not build, the error has the output of go build.
func (p *proof) failed(command, out string, err error) error {
	if command != "build" && !errors.Is(err, prompt.ErrInterrupt) {
		if out, err := p.goCommand([]string{"build"}, p.own()); err != nil {
			return p.failed("build", out, err)
		}
	}
	switch {
	case errors.Is(err, prompt.ErrInterrupt):
		return err
	case out == "":
		return &Error{
			Problems: []error{fmt.Errorf("go %s: %w: nothing was written", command, err)},
			Hint:     "--no-verify writes without checking",
		}
	}
	hint := "nothing was written; --no-verify writes it anyway"
	if before, err := Run(p.root, nil, "go", command, p.own()); err != nil && before != "" {
		hint = fmt.Sprintf("nothing was written; go %s fails without the change too: fix that first, or give --no-verify", command)
	}
	return &Error{[]error{fmt.Errorf("the result does not pass go %s:\n%s", command, out)}, hint, true}
}

// test runs the tests of the package and those below it. It builds them with the overlay
// and runs them in a copy of the files that they may read.
func (p *proof) test(plan *plan.Plan) error {
	mirror := filepath.Join(p.scratch, "module")
	if err := p.mirror(mirror, plan); err != nil {
		return err
	}
	dirs := make(map[string]bool)
	for _, s := range plan.Steps {
		if name := plan.InModule(s); strings.HasSuffix(name, "_test.go") && s.New() != nil {
			dirs[path.Dir(name)] = true
		}
	}
	unwritten := make(map[string][]emit.File)
	for _, f := range plan.Unwritten {
		dir := path.Dir(emit.InModule(p.pkg.Dir, f.Path))
		dirs[dir] = true
		unwritten[dir] = append(unwritten[dir], f)
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		if unwritten[dir] == nil {
			if err := p.testDir(mirror, dir); err != nil {
				return err
			}
			continue
		}
		if err := p.testUnwritten(plan, mirror, dir, unwritten[dir]); err != nil {
			return err
		}
	}
	return nil
}

// testUnwritten runs the tests in a directory together with the unit tests that the answers
// leave out.
func (p *proof) testUnwritten(plan *plan.Plan, mirror, dir string, tests []emit.File) error {
	strangers, err := p.strangers(plan, dir)
	if err != nil {
		return err
	}
	o := *p.overlay
	o.replace = maps.Clone(p.replace)
	with := *p
	with.overlay = &o
	if len(strangers) > 0 {
		// They may declare the same names as the unwritten tests, which the developer
		// has never seen, so the two are not built together.
		if err := p.testDir(mirror, dir); err != nil {
			return err
		}
		for _, name := range strangers {
			o.replace[o.abs(name)] = ""
		}
	}
	for _, f := range tests {
		if err := o.stage(emit.InModule(p.pkg.Dir, f.Path), f.Data); err != nil {
			return err
		}
	}
	err = with.testDir(mirror, dir)
	if f, ok := errors.AsType[*Error](err); ok {
		f.Hint += "; with tests: all in " + answers.FileName + ", every test that was run is written"
	}
	return err
}

// testDir runs the tests in a directory of the module.
func (p *proof) testDir(mirror, dir string) error {
	binary := filepath.Join(p.scratch, "test.exe")
	build := append([]string{"test", "-c", "-vet=off", "-o=" + binary}, p.linkFlags...)
	if out, err := p.goCommand(build, "./"+dir); err != nil {
		return p.failed("test", out, err)
	}
	if out, err := Run(filepath.Join(mirror, filepath.FromSlash(dir)), nil, binary, "-test.timeout=10m"); err != nil {
		return p.failed("test", failures(out), err)
	}
	return nil
}

// strangers returns the test files in a directory that are not part of the plan.
func (p *proof) strangers(plan *plan.Plan, dir string) ([]string, error) {
	known := make(map[string]bool)
	for _, s := range plan.Steps {
		known[plan.InModule(s)] = true
	}
	entries, err := os.ReadDir(p.abs(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name := path.Join(dir, e.Name()); strings.HasSuffix(name, "_test.go") && !known[name] {
			names = append(names, name)
		}
	}
	return names, nil
}

// failures returns the lines of the tests' output that describe failures.
func failures(out string) string {
	const most = 60
	var lines []string
	all, inTest := false, false
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "panic:"), strings.HasPrefix(line, "fatal error:"):
			all = true
		case strings.HasPrefix(line, "--- FAIL"):
			inTest = true
		case !strings.HasPrefix(line, "    "):
			inTest = false
		}
		if all || inTest {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return out
	}
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("… %d more lines", len(lines)-most))
	}
	return strings.Join(lines, "\n")
}

// mirror copies the directories of the package and the migrations to a directory as if the
// plan had been applied. The copy also has the unit tests that the answers leave out.
func (p *proof) mirror(to string, plan *plan.Plan) error {
	module := os.DirFS(p.root)
	files := make(map[string][]byte)
	for _, dir := range []string{p.pkg.Dir, p.pkg.Migrations} {
		if dir == "" {
			continue
		}
		err := fs.WalkDir(module, dir, func(name string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case !d.Type().IsRegular():
				return nil
			}
			files[name], err = fs.ReadFile(module, name)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, f := range plan.Unwritten {
		files[emit.InModule(p.pkg.Dir, f.Path)] = f.Data
	}
	maps.Copy(files, plan.Written())
	for name, data := range files {
		full := filepath.Join(to, filepath.FromSlash(name))
		if data == nil { // the plan removes it
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(full, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// buildRest builds the other packages of the module. It ignores errors that also occur
// without the plan.
func (p *proof) buildRest() error {
	out, err := p.goCommand([]string{"build"}, "./...")
	if err == nil {
		return nil
	}
	if errors.Is(err, prompt.ErrInterrupt) {
		return err
	}
	// Packages below the developer's that have no tests may not have been compiled yet.
	if out, err := p.goCommand([]string{"build"}, p.own()); err != nil {
		return p.failed("build", out, err)
	}
	before, _ := Run(p.root, nil, "go", "build", "./...")
	known := strings.Split(before, "\n")
	if !slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool { return !slices.Contains(known, line) }) {
		return nil
	}
	return &Error{
		Problems: []error{fmt.Errorf("%s builds and passes its tests, but packages that use it would no longer build:\n%s", strings.TrimSuffix(p.own(), "/..."), out)},
		Hint:     "nothing was written; --no-verify writes the package, so that you can change them",
		Unproven: true,
	}
}
