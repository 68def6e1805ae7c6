package plan

import (
	"bytes"
	"cmp"
	"io/fs"
	"path"
	"slices"

	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/text"
)

// findMoved searches for a missing file under another name in its directory. It takes the
// file with the largest share of the lines, if that is at least 60%, and 90% without
// authgen's header, and if no other file has as many. A file that is not the developer's
// to edit must have all lines.
func (p *planner) findMoved(s *Step, base lock.File) error {
	dir := path.Dir(emit.InModule(p.plan.Dir, s.At))
	entries, err := fs.ReadDir(p.module, dir)
	if err != nil {
		return nil //nolint:nilerr // without the directory, nothing was moved within it
	}
	known := make(map[string]bool)
	for name := range p.emitted {
		known[emit.InModule(p.plan.Dir, name)] = name != s.Path
	}
	for _, f := range p.base.files {
		known[emit.InModule(p.plan.Dir, at(f))] = true
	}
	var best Step
	bestShare := 0.0
	for _, e := range entries {
		candidate := Step{Path: s.Path, At: path.Join(path.Dir(s.At), e.Name()), Class: s.Class}
		if !e.Type().IsRegular() || path.Ext(e.Name()) != path.Ext(s.Path) || known[p.plan.InModule(candidate)] {
			continue
		}
		if err := p.read(&candidate); err != nil {
			return err
		}
		share := 0.0
		if p.isUnedited(&candidate, base) {
			share = 1
		} else if base.Base != nil {
			share = shared(base.Base, text.Normalize(candidate.old))
		}
		if share < 0.9 && !isHeaded(candidate.old) {
			continue // a similar file that authgen did not write
		}
		switch {
		case share > bestShare:
			best, bestShare = candidate, share
		case share == bestShare:
			best = Step{} // ambiguous
		}
	}
	if bestShare < 0.6 || best.At == "" {
		return nil
	}
	*s = best
	s.Note = "moved from " + emit.InModule(p.plan.Dir, base.Path)
	return nil
}

// shared returns the share of the lines of a text, from 0 to 1, that another text also
// has. Empty lines do not count.
func shared(text, other []byte) float64 {
	lines := func(text []byte) map[string]int {
		counts := make(map[string]int)
		for line := range bytes.Lines(text) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				counts[string(line)]++
			}
		}
		return counts
	}
	all, both := 0, 0
	others := lines(other)
	for line, n := range lines(text) {
		all += n
		both += min(n, others[line])
	}
	if all == 0 {
		return 0
	}
	return float64(both) / float64(all)
}

// PackageName returns the name of the package in a directory of the module, if all
// emitted files that exist there agree, and "" otherwise.
func (b *Base) PackageName(module fs.FS, dir string) string {
	if b == nil {
		return ""
	}
	found := ""
	for _, f := range b.lock.Files {
		name := at(f)
		if path.Ext(name) != ".go" || path.Dir(name) != "." {
			continue
		}
		data, err := fs.ReadFile(module, emit.InModule(dir, name))
		if err != nil {
			continue
		}
		switch clause := clauseOf(data); {
		case clause == "":
		case found == "":
			found = clause
		case clause != found:
			return ""
		}
	}
	return found
}

// Called returns the base with the paths of a package with that name: directories are
// named after it.
func (b *Base) Called(name string) *Base {
	if b == nil {
		return nil
	}
	was := packageID{name: cmp.Or(b.called, b.packageID().name)}
	if was.name == name || was.name == "" {
		return b
	}
	l, renamed := *b.lock, *b
	l.Files = slices.Clone(l.Files)
	renamed.lock, renamed.called, renamed.files = &l, name, make(map[string]lock.File, len(b.files))
	for i, f := range l.Files {
		f.Path, f.At = was.below(f.Path, packageID{name: name}), was.below(f.At, packageID{name: name})
		l.Files[i] = f
		renamed.files[f.Path] = f
	}
	return &renamed
}
