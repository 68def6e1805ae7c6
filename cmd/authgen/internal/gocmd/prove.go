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

// A Package says where the package that is checked is.
type Package struct {
	Root       string // directory of the module, absolute
	Module     string // path of the module
	Dir        string // directory of the package, relative to Root
	Migrations string // directory of the migrations, relative to Root; empty if it is in Dir

	// New is whether nothing uses the package yet. Then its tests are compiled, but not
	// run.
	New bool
	// Rest is whether the plan can break the other packages of the module. Then they are
	// built too.
	Rest bool
}

// patterns returns the patterns of the package and those below it. Below a package in the
// root of the module, these are only the packages of the plan.
func (pkg Package) patterns(plan *plan.Plan) []string {
	if pkg.Dir != "." {
		return []string{"./" + pkg.Dir + "/..."}
	}
	var patterns []string
	for _, dir := range dirsOf(plan, ".go") {
		patterns = append(patterns, "./"+dir)
	}
	return patterns
}

// dirsOf returns the directories of the plan's files with a suffix, sorted.
func dirsOf(plan *plan.Plan, suffix string) []string {
	dirs := make(map[string]bool)
	for _, s := range plan.Steps {
		if name := plan.InModule(s); strings.HasSuffix(name, suffix) && s.New() != nil {
			dirs[path.Dir(name)] = true
		}
	}
	return slices.Sorted(maps.Keys(dirs))
}

// A Result says what else there is to do before the module builds.
type Result struct {
	Vendor string // the command that brings the vendor directory up to date, "" if it is not needed
}

// Prove builds, vets and tests the package and those below it as if the plan had been
// applied, and then builds the rest of the module. It also runs the unit tests that the
// answers leave out. It does not change the module. An error includes the output of the go
// command.
func Prove(pkg Package, plan *plan.Plan) (Result, error) {
	p, err := newProof(pkg, plan)
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = p.close() }()
	result, err := p.chooseModules(plan)
	if err != nil {
		return result, err
	}
	if err := p.check(plan); err != nil || !pkg.Rest {
		return result, err
	}
	return result, p.buildRest()
}

// check builds, vets and tests the package and those below it.
func (p *proof) check(plan *plan.Plan) error {
	if p.pkg.New {
		// The modules that it needs may never have been compiled, so one command must
		// be done with that before the next starts.
		if err := p.vet(plan); err != nil {
			return err
		}
		build := append([]string{"test", "-c", "-vet=off", "-o=" + os.DevNull}, p.linkFlags()...)
		if out, err := p.copied.goCommand(build, p.patterns...); err != nil {
			return p.failed(p.copied, "test", out, err)
		}
		return nil
	}
	// Both compile the package. It nearly always compiles, so go build does not run first.
	vetted := make(chan error, 1)
	go func() { vetted <- p.vet(plan) }()
	tested := p.test(plan)
	if err := <-vetted; err != nil {
		return err
	}
	return tested
}

// linkFlags returns flags for building test binaries.
func (p *proof) linkFlags() []string {
	if p.ldflags {
		return nil
	}
	return []string{"-ldflags=-w"} // debug information is not needed
}

// vet vets the package and those below it. The go command runs vet in the directory of each
// package, which must therefore exist.
func (p *proof) vet(plan *plan.Plan) error {
	at := p.now
	if p.pkg.New || !p.inPlace(plan) {
		at = p.copied
	}
	if out, err := at.goCommand([]string{"vet"}, p.patterns...); err != nil {
		return p.failed(at, "vet", out, err)
	}
	return nil
}

// inPlace reports whether every directory exists to which the plan writes Go files.
func (p *proof) inPlace(plan *plan.Plan) bool {
	for name, data := range plan.Written() {
		if data == nil || path.Ext(name) != ".go" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(p.abs(name))); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// failed returns the error for a command that failed in a place, with its output. If the
// package does not build, the error has the output of go build.
func (p *proof) failed(at place, command, out string, err error) error {
	if command != "build" && !errors.Is(err, prompt.ErrInterrupt) {
		if out, err := at.goCommand([]string{"build"}, p.patterns...); err != nil {
			return p.failed(at, "build", out, err)
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
	if p.pkg.New {
		return &Error{Problems: []error{fmt.Errorf("the package does not pass go %s:\n%s", command, out)}, Hint: hint, Unproven: true}
	}
	if before, err := p.before.goCommand([]string{command}, p.patterns...); err != nil && before != "" {
		hint = fmt.Sprintf("nothing was written; go %s fails without the change too: fix that first, or give --no-verify", command)
	}
	return &Error{Problems: []error{fmt.Errorf("the result does not pass go %s:\n%s", command, out)}, Hint: hint, Unproven: true}
}

// test runs the tests of the package and those below it. It builds them with the overlay
// and runs them in a copy of the files that they may read.
func (p *proof) test(plan *plan.Plan) error {
	mirror := filepath.Join(p.scratch, "tests")
	if err := p.mirror(mirror, plan, plan.Unwritten); err != nil {
		return err
	}
	dirs := dirsOf(plan, "_test.go")
	unwritten := make(map[string][]emit.File)
	for _, f := range plan.Unwritten {
		dir := path.Dir(emit.InModule(p.pkg.Dir, f.Path))
		dirs = append(dirs, dir)
		unwritten[dir] = append(unwritten[dir], f)
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
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
	with.overlay, with.now.overlay = &o, &o
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
	build := append([]string{"test", "-c", "-vet=off", "-o=" + binary}, p.linkFlags()...)
	if out, err := p.now.goCommand(build, "./"+dir); err != nil {
		return p.failed(p.now, "test", out, err)
	}
	if out, err := Run(filepath.Join(mirror, filepath.FromSlash(dir)), nil, binary, "-test.timeout=10m"); err != nil {
		return p.failed(p.now, "test", failures(out), err)
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

// buildRest builds the other packages of the module. It ignores errors that also occur
// without the plan.
func (p *proof) buildRest() error {
	// Without -o, go build would write the program of a module that has no other package.
	command := []string{"build", "-buildvcs=false", "-o=" + os.DevNull}
	out, err := p.now.goCommand(command, "./...")
	if err == nil {
		return nil
	}
	if errors.Is(err, prompt.ErrInterrupt) {
		return err
	}
	// Packages below the developer's that have no tests may not have been compiled yet.
	if out, err := p.now.goCommand([]string{"build"}, p.patterns...); err != nil {
		return p.failed(p.now, "build", out, err)
	}
	before, _ := p.before.goCommand(command, "./...")
	known := strings.Split(before, "\n")
	if !slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool { return !slices.Contains(known, line) }) {
		return nil
	}
	problem, hint := "%s builds and passes its tests, but packages that use it would no longer build:\n%s", "nothing was written; --no-verify writes the package, so that you can change them"
	if p.pkg.New {
		problem, hint = "%s builds, but with the versions that it needs, other packages would no longer build:\n%s", "nothing was written; raise these versions yourself first, or give --no-verify"
	}
	return &Error{
		Problems: []error{fmt.Errorf(problem, "./"+p.pkg.Dir, out)},
		Hint:     hint,
		Unproven: true,
	}
}
