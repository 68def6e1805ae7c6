package merge

import (
	"cmp"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// imports is the part from the package clause to the end of the last import.
type imports struct {
	part
	specs []importSpec
}

// An importSpec is one import.
type importSpec struct {
	importKey
	text     string // its lines, comments included
	from, to int    // its lines in the part
	group    int    // equal for imports without a blank line or a parenthesis between them
	single   bool   // not in parentheses
}

// importKey identifies an import.
type importKey struct{ name, path string }

func (im imports) find(key importKey) *importSpec {
	for i := range im.specs {
		if im.specs[i].importKey == key {
			return &im.specs[i]
		}
	}
	return nil
}

// both reports whether the file imports both a and b, which therefore have different
// names.
func (im imports) both(a, b importKey) bool { return im.find(a) != nil && im.find(b) != nil }

// byName reports whether the import is used by its name, in qualified identifiers.
func (k importKey) byName() bool { return k.name != "_" && k.name != "." }

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// names returns the names that the imported package may have in the file.
func (k importKey) names() []string {
	if k.name != "" {
		return []string{k.name}
	}
	last := path.Base(k.path)
	if majorVersion.MatchString(last) && path.Dir(k.path) != "." {
		last = path.Base(path.Dir(k.path))
	}
	last, _, _ = strings.Cut(last, ".v") // gopkg.in/yaml.v3
	var names []string
	for _, name := range []string{
		last, strings.TrimPrefix(last, "go-"), strings.TrimSuffix(last, "-go"), strings.TrimSuffix(last, ".go"),
		last[strings.LastIndexAny(last, "-.")+1:], strings.NewReplacer("-", "_", ".", "_").Replace(last), path.Base(k.path),
	} {
		if token.IsIdentifier(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// nameIn returns the name of the package in the file. It is "" if the name is unknown: the
// file does not import the package, or uses none or several of its possible names.
func (k importKey) nameIn(f *goFile) string {
	if !k.byName() || f.imports.find(k) == nil {
		return ""
	}
	if k.name != "" {
		return k.name
	}
	found := ""
	for _, name := range k.names() {
		// A name that another import has, or is more likely to have, does not count.
		another := func(s importSpec) bool {
			return s.name == name || s.name == "" && path.Base(s.path) == name && path.Base(k.path) != name
		}
		if f.uses[name] && !slices.ContainsFunc(f.imports.specs, another) {
			if found != "" {
				return ""
			}
			found = name
		}
	}
	return found
}

// importMerger decides which imports a merged file has.
type importMerger struct {
	base, mine, new *goFile
	uses            map[string]bool // of the merged file, as in goFile
	whole           bool            // whether uses is for one text, not for two sides in conflict
	embeds          bool            // whether the merged file has a //go:embed
}

// name returns the name of the package in the sides that import it, or "".
func (m importMerger) name(k importKey) string {
	return cmp.Or(k.nameIn(m.mine), k.nameIn(m.new), k.nameIn(m.base))
}

// want returns the imports of the merged file, those of mine first, and whether all have
// different names.
func (m importMerger) want() (keys []importKey, ok bool) {
	var all []importKey
	for _, side := range []*goFile{m.mine, m.new, m.base} {
		for _, s := range side.imports.specs {
			if !slices.Contains(all, s.importKey) {
				all = append(all, s.importKey)
			}
		}
	}
	for _, k := range all {
		inBase, inMine, inNew := m.base.imports.find(k) != nil, m.mine.imports.find(k) != nil, m.new.imports.find(k) != nil
		present := inMine && inNew || (inMine || inNew) && !inBase
		if present && m.whole && m.unused(k) {
			continue
		}
		if present {
			keys = append(keys, k)
		}
	}
	// An import that one side removed stays if the other side's code needs it.
	for _, k := range all {
		if !slices.Contains(keys, k) && m.needed(k, keys) {
			keys = append(keys, k)
		}
	}

	named := map[string]importKey{}
	for _, k := range keys {
		name := m.name(k)
		if name == "" {
			continue
		}
		if other, ok := named[name]; ok && !m.mine.imports.both(k, other) && !m.new.imports.both(k, other) {
			return keys, false
		}
		named[name] = k
	}
	return keys, true
}

// unused reports whether the last use of an import is gone: the sides that import the
// package use it, and the merged file does not.
func (m importMerger) unused(k importKey) bool {
	name := m.name(k)
	if name == "" || m.uses[name] {
		return false
	}
	for _, side := range []*goFile{m.mine, m.new} {
		if side.imports.find(k) != nil && !side.uses[name] {
			return false
		}
	}
	return true
}

// needed reports whether the merged file uses an import that is not among others,
// and that at least one side has removed.
func (m importMerger) needed(k importKey, others []importKey) bool {
	switch {
	case k == importKey{"_", "embed"}:
		return m.embeds && !slices.ContainsFunc(others, func(o importKey) bool { return o.path == "embed" })
	case !k.byName():
		return false
	}
	provided := func(name string) bool {
		return slices.ContainsFunc(others, func(o importKey) bool {
			if sure := m.name(o); sure != "" {
				return sure == name
			}
			return slices.Contains(o.names(), name)
		})
	}
	if name := m.name(k); name != "" {
		return m.uses[name] && !provided(name)
	}
	// Its name is unknown. It cannot be one that a side without the import uses.
	for name := range m.uses {
		known := provided(name)
		for _, side := range []*goFile{m.mine, m.new} {
			known = known || side.imports.find(k) == nil && side.uses[name]
		}
		if !known {
			return true
		}
	}
	return false
}

// merge returns the wanted imports: the text of mine or, if mine did not change it, that of
// new, with missing imports added where they belong.
func (m importMerger) merge(want []importKey) part {
	start, other := m.mine.imports, m.new.imports
	if start.text == m.base.imports.text || len(start.specs) == 0 {
		start, other = other, start
	}
	return start.rewrite(want, other, m.base.imports)
}

// holds reports whether the imports are these.
func (im imports) holds(want []importKey) bool {
	if len(im.specs) != len(want) {
		return false
	}
	return !slices.ContainsFunc(want, func(k importKey) bool { return im.find(k) == nil })
}

// rewrite returns im with imports removed and added, so that it has exactly the wanted
// ones. Added imports are copied from the donors.
func (im imports) rewrite(want []importKey, donors ...imports) part {
	if im.holds(want) {
		return im.part
	}
	e := newImportEdit(im)
	for _, s := range im.specs {
		if !slices.Contains(want, s.importKey) {
			e.drop(s)
		}
	}
	for _, k := range want {
		if im.find(k) != nil {
			continue
		}
		for _, donor := range donors {
			if s := donor.find(k); s != nil {
				e.add(*s, donor)
				break
			}
		}
	}
	gap := im.gap
	if im.text == "" {
		gap = 1
	}
	return part{gap, e.text()}
}

// importEdit is the text of imports during a change.
type importEdit struct {
	lines []importLine
}

// An importLine is a line without an import, or all lines of one import.
type importLine struct {
	text  string
	spec  *importSpec
	group int
}

func newImportEdit(im imports) *importEdit {
	e := &importEdit{}
	lines := slices.Collect(strings.Lines(im.text))
	at := 0
	for i := range im.specs {
		s := &im.specs[i]
		for ; at < s.from; at++ {
			e.lines = append(e.lines, importLine{text: lines[at]})
		}
		e.lines = append(e.lines, importLine{text: s.text, spec: s, group: s.group})
		at = s.to
	}
	for ; at < len(lines); at++ {
		e.lines = append(e.lines, importLine{text: lines[at]})
	}
	return e
}

func (e *importEdit) drop(s importSpec) {
	e.lines = slices.DeleteFunc(e.lines, func(l importLine) bool { return l.spec != nil && l.spec.importKey == s.importKey })
}

// add adds an import to the group that has most imports of its group in the donor. If
// there is none, it takes the group with the most similar paths.
func (e *importEdit) add(s importSpec, donor imports) {
	text := s.text
	if s.single {
		text = unwrapImport(text)
	}
	s.single = false

	mates := map[importKey]bool{}
	for _, o := range donor.specs {
		if o.group == s.group && o.importKey != s.importKey {
			mates[o.importKey] = true
		}
	}
	e.wrap()
	best, group := -1, 0
	scores := map[int]int{}
	for _, l := range e.lines {
		if l.spec == nil || l.spec.single || standard(l.spec.path) != standard(s.path) && !mates[l.spec.importKey] {
			continue
		}
		score := commonElements(l.spec.path, s.path)
		if mates[l.spec.importKey] {
			score += 1000
		}
		scores[l.group] += score
		if scores[l.group] > best {
			best, group = scores[l.group], l.group
		}
	}
	added := importLine{text: text, spec: &s, group: group}
	if best < 0 {
		e.addGroup(added)
		return
	}
	at := 0
	for i, l := range e.lines {
		if l.spec == nil || l.group != group {
			continue
		}
		if l.spec.path > s.path {
			at = i
			break
		}
		at = i + 1
	}
	e.lines = slices.Insert(e.lines, at, added)
}

// addGroup adds a group for an import that fits no other. An import of the standard library
// comes first in the first parentheses, any other import last in the last ones. If there
// are no parentheses, addGroup adds them.
func (e *importEdit) addGroup(l importLine) {
	for _, other := range e.lines {
		l.group = max(l.group, other.group)
	}
	l.group++
	blank := importLine{text: "\n"}
	isOpen := func(o importLine) bool { return o.spec == nil && strings.HasPrefix(o.text, "import (") }
	isClose := func(o importLine) bool { return o.spec == nil && strings.HasPrefix(strings.TrimSpace(o.text), ")") }
	open := slices.IndexFunc(e.lines, isOpen)
	if open < 0 {
		e.lines = append(e.lines, importLine{text: "import (\n"}, l, importLine{text: ")\n"})
		return
	}
	if standard(l.spec.path) {
		rest := []importLine{l}
		if !isClose(e.lines[open+1]) {
			rest = append(rest, blank)
		}
		e.lines = slices.Insert(e.lines, open+1, rest...)
		return
	}
	end := len(e.lines) - 1
	for end > open && !isClose(e.lines[end]) {
		end--
	}
	rest := []importLine{l}
	if end > open+1 {
		rest = []importLine{blank, l}
	}
	e.lines = slices.Insert(e.lines, end, rest...)
}

// wrap adds parentheses around a single import that has none.
func (e *importEdit) wrap() {
	at := -1
	for i, l := range e.lines {
		if l.spec == nil {
			continue
		}
		if at >= 0 || !l.spec.single {
			return
		}
		at = i
	}
	if at < 0 {
		return
	}
	s := *e.lines[at].spec
	s.single = false
	e.lines = slices.Replace(e.lines, at, at+1,
		importLine{text: "import (\n"},
		importLine{text: unwrapImport(s.text), spec: &s, group: s.group},
		importLine{text: ")\n"})
}

// unwrapImport turns the text of an import without parentheses into one for parentheses.
func unwrapImport(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, " \t")
		if rest, ok := strings.CutPrefix(line, "import"); ok {
			line = strings.TrimLeft(rest, " \t")
		}
		out.WriteString("\t" + line)
	}
	return out.String()
}

// text returns the lines, without empty parentheses and without blank lines that no
// longer separate anything.
func (e *importEdit) text() string {
	var out []string
	for _, l := range e.lines {
		for line := range strings.Lines(l.text) {
			trimmed := strings.TrimSpace(line)
			if n := len(out); n > 0 && l.spec == nil {
				last := strings.TrimSpace(out[n-1])
				switch {
				case trimmed == "" && (last == "" || strings.HasSuffix(last, "(")):
					continue
				case strings.HasPrefix(trimmed, ")"):
					if last == "" {
						out = out[:n-1]
						last = strings.TrimSpace(out[n-2])
					}
					if last == "import (" {
						out = out[:len(out)-1]
						continue
					}
				}
			}
			out = append(out, line)
		}
	}
	return newPart(strings.Join(out, "")).text
}

// standard reports whether a path is that of a package in the standard library.
func standard(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".")
}

// commonElements returns the number of leading elements that two paths have in common.
func commonElements(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}
