package gocmd

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

// A proof is one run of Prove. It looks at three places.
type proof struct {
	*overlay
	settings
	pkg      Package
	patterns []string // of the package and those below it

	before place // the module as it is
	now    place // the module as if the plan had been applied
	copied place // a copy of the package, for what needs its directories
}

// newProof prepares a proof. The caller must close it.
func newProof(pkg Package, plan *plan.Plan) (*proof, error) {
	s, err := readSettings(pkg.Root)
	if err != nil {
		return nil, err
	}
	o, err := newOverlay(pkg.Root, plan)
	if err != nil {
		return nil, err
	}
	p := &proof{overlay: o, settings: s, pkg: pkg, patterns: pkg.patterns(plan)}
	p.copied.dir = filepath.Join(p.scratch, "module")
	if pkg.New || !p.inPlace(plan) {
		if err := p.mirror(p.copied.dir, plan, nil); err != nil {
			_ = p.close()
			return nil, err
		}
	}
	return p, nil
}

// chooseModules decides where modules come from. Packages come from the vendor directory if
// the module has one with all that the package needs. Otherwise they come from the module
// cache, with what the vendor directory has once it is up to date.
func (p *proof) chooseModules(plan *plan.Plan) (Result, error) {
	_, changed := plan.Written()["go.mod"]
	var r Result
	if p.vendored && p.work == nil && !changed {
		err := p.setUp(plan, true)
		if err == nil {
			err = p.own().load(p.pkg, p.patterns)
		}
		if err == nil || errors.Is(err, prompt.ErrInterrupt) {
			return r, err
		}
	}
	switch {
	case p.vendored && p.work == nil:
		r.Vendor = "go mod vendor"
	case p.vendored && (changed || p.pkg.New):
		r.Vendor = "go work vendor"
	}
	if err := p.setUp(plan, false); err != nil {
		return r, err
	}
	return r, p.own().load(p.pkg, p.patterns)
}

// own returns the place where the package is built.
func (p *proof) own() place {
	if p.pkg.New {
		return p.copied
	}
	return p.now
}

// setUp sets up the places. The go command never writes to the module's go.mod and go.sum,
// nor to the sums of the workspace: it gets copies.
func (p *proof) setUp(plan *plan.Plan, vendored bool) error {
	var mode []string
	if !vendored && (p.mod != "mod" || p.work != nil) {
		mode = []string{"-mod=readonly"}
	}
	mod, sum, err := p.modules(nil)
	if err != nil {
		return err
	}
	p.before = place{dir: p.root, flags: mode}
	p.now = place{dir: p.root, flags: mode, overlay: p.overlay}
	p.copied.flags = mode
	if p.work != nil {
		// The go command refuses -modfile, and takes go.mod and go.sum from the overlay.
		file, err := p.work.writeTo(filepath.Join(p.scratch, "work"), p.root)
		if err != nil {
			return err
		}
		p.before.env = []string{"GOWORK=" + file}
		p.now.env = p.before.env
		if file, err = p.work.writeTo(filepath.Join(p.scratch, "copied-work"), p.copied.dir); err != nil {
			return err
		}
		p.copied.env = []string{"GOWORK=" + file}
	} else {
		env := []string{"GOWORK=off"}
		p.before.env, p.now.env, p.copied.env = env, env, env
		dir := filepath.Join(p.scratch, "before")
		if err := writeModules(dir, mod, sum); err != nil {
			return err
		}
		p.before.flags = append(slices.Clone(mode), "-modfile="+filepath.Join(dir, "go.mod"))
	}
	if mod, sum, err = p.modules(plan); err != nil {
		return err
	}
	if p.work == nil {
		dir := filepath.Join(p.scratch, "now")
		if err := writeModules(dir, mod, sum); err != nil {
			return err
		}
		p.now.flags = append(slices.Clone(mode), "-modfile="+filepath.Join(dir, "go.mod"))
		delete(p.replace, p.abs("go.mod"))
		delete(p.replace, p.abs("go.sum"))
	}
	return p.setUpCopied(mod, sum, vendored)
}

// setUpCopied makes a module of the copy of the package, if there is one.
func (p *proof) setUpCopied(mod, sum []byte, vendored bool) (err error) {
	if _, err := os.Stat(p.copied.dir); err != nil {
		return nil //nolint:nilerr // there is none
	}
	vendor := filepath.Join(p.copied.dir, "vendor")
	_ = os.Remove(vendor) // of another setup
	if vendored {
		err = os.Symlink(p.abs("vendor"), vendor)
	} else {
		mod, err = absolute(mod, p.root)
	}
	if err != nil {
		return err
	}
	if err := writeModules(p.copied.dir, mod, sum); err != nil || p.pkg.New {
		return err
	}
	return p.linkRest()
}

// modules returns the text of go.mod and go.sum as a plan writes them, or as they are.
func (p *proof) modules(plan *plan.Plan) (mod, sum []byte, err error) {
	var written map[string][]byte
	if plan != nil {
		written = plan.Written()
	}
	if mod = written["go.mod"]; mod == nil {
		if mod, err = os.ReadFile(p.abs("go.mod")); err != nil {
			return nil, nil, err
		}
	}
	if sum = written["go.sum"]; sum == nil {
		sum, err = readIfThere(p.abs("go.sum"))
	}
	return mod, sum, err
}

// mirror copies the directories of the package and the migrations to a directory as if the
// plan had been applied, and with other files of the package.
func (p *proof) mirror(to string, plan *plan.Plan, with []emit.File) error {
	module := os.DirFS(p.root)
	files := make(map[string][]byte)
	// If the package is in the root of the module, only its own directories and those
	// below them are copied.
	own := dirsOf(plan, "")
	mirrored := func(name string) bool {
		return name == "." || name == "testdata" || slices.ContainsFunc(own, func(dir string) bool {
			return strings.HasPrefix(dir+"/", name+"/") || dir != "." && strings.HasPrefix(name, dir+"/")
		})
	}
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
			case d.IsDir() && dir == "." && !mirrored(name):
				return fs.SkipDir
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
	for _, f := range with {
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

// linkRest links, from the copy of the package, the rest of the module, which the package
// may import.
func (p *proof) linkRest() error {
	dirs := []string{"."}
	for _, dir := range []string{p.pkg.Dir, p.pkg.Migrations} {
		for i, c := range dir {
			if c == '/' {
				dirs = append(dirs, dir[:i]) // outermost first
			}
		}
	}
	for _, dir := range dirs {
		entries, err := os.ReadDir(p.abs(dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			link := filepath.Join(p.copied.dir, filepath.FromSlash(dir), e.Name())
			if _, err := os.Lstat(link); err == nil || strings.HasPrefix(e.Name(), ".") || e.Name() == "vendor" {
				continue
			}
			if err := os.Symlink(p.abs(path.Join(dir, e.Name())), link); err != nil {
				return err
			}
		}
	}
	return nil
}
