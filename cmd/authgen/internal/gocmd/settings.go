package gocmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// settings are what decides how the go command builds a module, apart from its files.
type settings struct {
	mod      string     // the value of -mod in GOFLAGS, "" if it is not there
	ldflags  bool       // whether GOFLAGS has -ldflags
	work     *workspace // nil if the module is in none
	vendored bool       // whether packages come from a vendor directory
}

// readSettings asks the go command for the settings of a module.
func readSettings(root string) (settings, error) {
	env, err := Env(root, "GOFLAGS", "GOWORK")
	if err != nil {
		return settings{}, &Error{
			Problems: []error{fmt.Errorf("go env: %w: nothing was written", err)},
			Hint:     "--no-verify writes without checking",
		}
	}
	var s settings
	for flag := range strings.FieldsSeq(env[0]) {
		name, value, _ := strings.Cut(strings.TrimLeft(flag, "-'\""), "=")
		switch name {
		case "mod":
			s.mod = value
		case "ldflags":
			s.ldflags = true
		}
	}
	vendor := filepath.Join(root, "vendor")
	if file := env[1]; file != "" && file != "off" {
		if s.work, err = openWorkspace(file, root); err != nil {
			return settings{}, err
		}
		if s.work != nil {
			vendor = filepath.Join(filepath.Dir(file), "vendor")
		}
	}
	s.vendored, err = isVendored(vendor, s.mod, s.work != nil)
	return s, err
}

// isVendored reports whether the go command takes packages from a vendor directory, with
// this -mod in GOFLAGS. One for a workspace says so in its first line.
func isVendored(vendor, mod string, inWorkspace bool) (bool, error) {
	if info, err := os.Stat(vendor); err != nil || !info.IsDir() || mod != "" && mod != "vendor" {
		return false, nil
	}
	text, err := os.ReadFile(filepath.Join(vendor, "modules.txt"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	forWorkspace := strings.HasPrefix(first, "## ") && strings.Contains(first, "workspace")
	return mod == "vendor" || forWorkspace == inWorkspace, nil
}

// A workspace is a go.work that uses a module.
type workspace struct {
	file string
	text []byte
	uses []string // the other modules that it uses, as absolute directories
}

// openWorkspace reads a go.work. It returns nil if the go.work does not use the module.
func openWorkspace(file, root string) (*workspace, error) {
	w := &workspace{file: file}
	var err error
	if w.text, err = os.ReadFile(file); err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork(file, w.text, nil)
	if err != nil {
		return nil, err
	}
	self, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	used := false
	for _, u := range work.Use {
		dir := w.abs(u.Path)
		if info, err := os.Stat(dir); err == nil && os.SameFile(info, self) {
			used = true
			continue
		}
		w.uses = append(w.uses, dir)
	}
	if !used {
		return nil, nil
	}
	return w, nil
}

// abs returns the absolute path of a path in the go.work.
func (w *workspace) abs(name string) string { return within(filepath.Dir(w.file), name) }

// within returns the absolute path of a path, with slashes, that is absolute or relative to
// a directory.
func within(dir, name string) string {
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// writeTo writes a go.work with the same meaning, and its sums, to a directory, and returns
// its name. It uses the module in root. The go command may add sums there.
func (w *workspace) writeTo(dir, root string) (string, error) {
	work, err := modfile.ParseWork(w.file, w.text, nil)
	if err != nil {
		return "", err
	}
	for _, u := range work.Use {
		if err := work.DropUse(u.Path); err != nil {
			return "", err
		}
	}
	for _, use := range append([]string{root}, w.uses...) {
		if err := work.AddUse(filepath.ToSlash(use), ""); err != nil {
			return "", err
		}
	}
	for _, r := range work.Replace {
		setDirectory(r, w.abs)
	}
	work.Cleanup()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	name := filepath.Join(dir, "go.work")
	if err := os.WriteFile(name, modfile.Format(work.Syntax), 0o600); err != nil {
		return "", err
	}
	sums, err := readIfThere(w.file + ".sum")
	if err != nil || sums == nil {
		return name, err
	}
	return name, os.WriteFile(name+".sum", sums, 0o600)
}

// replaceIn makes a go.mod build outside of the workspace what it builds in it: it replaces
// the other modules of the workspace, and what the go.work replaces. It returns the paths of
// those modules.
func (w *workspace) replaceIn(mod *modfile.File) (map[string]bool, error) {
	work, err := modfile.ParseWork(w.file, w.text, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range work.Replace {
		to := r.New
		if isDirectory(r) {
			to.Path = filepath.ToSlash(w.abs(to.Path))
		}
		if err := mod.AddReplace(r.Old.Path, r.Old.Version, to.Path, to.Version); err != nil {
			return nil, err
		}
	}
	paths := make(map[string]bool)
	for _, dir := range w.uses {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			return nil, err
		}
		path := modfile.ModulePath(text)
		paths[path] = true
		if err := mod.AddReplace(path, "", filepath.ToSlash(dir), ""); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// isDirectory reports whether a directory replaces a module.
func isDirectory(r *modfile.Replace) bool { return r.New.Version == "" }

// absolute returns a go.mod of the module in root with absolute paths, so that it means the
// same elsewhere.
func absolute(text []byte, root string) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range mod.Replace {
		setDirectory(r, func(name string) string { return within(root, name) })
	}
	return mod.Format()
}

// setDirectory replaces the directory in a replace line by its absolute path.
func setDirectory(r *modfile.Replace, abs func(string) string) {
	if isDirectory(r) {
		to := slices.Index(r.Syntax.Token, "=>") + 1
		r.Syntax.Token[to] = modfile.AutoQuote(filepath.ToSlash(abs(r.New.Path)))
	}
}
