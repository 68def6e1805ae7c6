package merge

import (
	"bytes"
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// A piece is a part of a merged file.
type piece struct {
	part
	conflicts []Conflict // with lines counted from the first of text
	uses      map[string]bool

	// What it declares if mine, or new, is chosen in its conflicts.
	mineKeys, newKeys []string

	// The pieces before it in each side. After any other piece, it needs a blank line.
	mineBefore, newBefore *piece
}

// goMerger merges one Go file by declarations.
type goMerger struct {
	base, mine, new *goFile
	markers         markers
	tidy            bool // whether both sides are formatted, and so the result has to be
	newline         bool // whether the file ends in a newline

	decls             []*piece
	lastMine, lastNew *piece // the pieces with the last declarations of the sides
}

// mergeParts merges a part that is neither an import nor a declaration.
func (g *goMerger) mergeParts(base, mine, new part, name string) *piece {
	p := &piece{part: part{gap: merged(base.gap, mine.gap, new.gap)}}
	p.text, p.conflicts = g.mergeText(base.text, mine.text, new.text, name)
	return p
}

// merged returns new if mine equals base, and mine otherwise.
func merged[T comparable](base, mine, new T) T {
	if mine == base {
		return new
	}
	return mine
}

func (g *goMerger) mergeText(base, mine, new, name string) (string, []Conflict) {
	switch {
	case mine == base, mine == new:
		return new, nil
	case new == base:
		return mine, nil
	}
	r := lines([]byte(base), []byte(mine), []byte(new), g.markers)
	for i := range r.Conflicts {
		r.Conflicts[i].Name = name
	}
	return string(r.Text), r.Conflicts
}

// conflict returns the text and the conflict of a piece that differs between the sides.
func (g *goMerger) conflict(base, mine, new, name string) (string, []Conflict) {
	var out bytes.Buffer
	c := g.markers.conflict(&out, Conflict{Name: name, Base: []byte(base), Mine: []byte(mine), New: []byte(new)})
	return out.String(), []Conflict{c}
}

// mergeDecls merges the declarations in the order of mine. A declaration that only new has
// is placed after the same declaration as in new.
func (g *goMerger) mergeDecls() {
	toMine := pairsInOrder(g.base.decls, g.mine.decls)
	toNew := pairsInOrder(g.base.decls, g.new.decls)
	addRenamed(toMine, g.base.decls, g.mine.decls)
	addRenamed(toNew, g.base.decls, g.new.decls)
	fromMine, fromNew := inverse(toMine), inverse(toNew)

	without := func(decls []*decl, known map[*decl]*decl) []*decl {
		return slices.DeleteFunc(slices.Clone(decls), func(d *decl) bool { return known[d] != nil })
	}
	// Both sides may add their own checks that a type implements an interface,
	// var _ I = T{}. But if both add an init function, these are two versions of one.
	added := pairs(without(g.mine.decls, fromMine), without(g.new.decls, fromNew))
	addRepeated(added, without(g.mine.decls, fromMine), without(g.new.decls, fromNew))

	ofNew := map[*decl]*piece{}
	for _, mine := range g.mine.decls {
		base := fromMine[mine]
		new := added[mine]
		if base != nil {
			new = toNew[base]
		}
		p := g.mergeDecl(base, mine, new)
		if p == nil {
			continue
		}
		p.mineBefore, g.lastMine = g.lastMine, p
		g.decls = append(g.decls, p)
		if new != nil {
			ofNew[new] = p
		}
	}

	for i, new := range g.new.decls {
		p := ofNew[new]
		if p == nil {
			if p = g.mergeDecl(fromNew[new], nil, new); p == nil {
				continue
			}
			g.insert(p, g.lastNew, g.new.decls[i+1:], ofNew)
			ofNew[new] = p
		}
		p.newBefore, g.lastNew = g.lastNew, p
	}
}

// insert inserts p after another piece or, if that is nil, before the piece of the first
// declaration in before that has one.
func (g *goMerger) insert(p, after *piece, before []*decl, pieces map[*decl]*piece) {
	at := len(g.decls)
	if after != nil {
		at = slices.Index(g.decls, after) + 1
	} else {
		for _, d := range before {
			if q := pieces[d]; q != nil {
				at = slices.Index(g.decls, q)
				break
			}
		}
	}
	g.decls = slices.Insert(g.decls, at, p)
}

func inverse(m map[*decl]*decl) map[*decl]*decl {
	inv := make(map[*decl]*decl, len(m))
	for a, b := range m {
		inv[b] = a
	}
	return inv
}

// addRepeated pairs the init functions that both sides have added, in order.
func addRepeated(found map[*decl]*decl, from, to []*decl) {
	taken := inverse(found)
	for _, a := range from {
		for _, b := range to {
			if found[a] == nil && taken[b] == nil && a.kind == "func init" && b.kind == a.kind {
				found[a], taken[b] = b, a
			}
		}
	}
}

// mergeDecl merges one declaration. Versions may be nil, but not both mine and new. It
// returns nil if the declaration is deleted.
func (g *goMerger) mergeDecl(base, mine, new *decl) *piece {
	switch {
	case mine == nil && base == nil:
		return takeDecl(new)
	case new == nil && base == nil:
		return takeDecl(mine)
	case mine == nil:
		if same(base, new) {
			return nil
		}
		p := takeDecl(new)
		p.mineKeys = nil
		p.text, p.conflicts = g.conflict(base.text, "", new.text, new.title)
		return p
	case new == nil:
		if same(base, mine) {
			return nil
		}
		p := takeDecl(mine)
		p.newKeys = nil
		p.text, p.conflicts = g.conflict(base.text, mine.text, "", mine.title)
		return p
	case base == nil:
		if same(mine, new) {
			return takeDecl(mine)
		}
		p := takeBoth(mine, new)
		p.text, p.conflicts = g.mergeText("", mine.text, new.text, mine.title)
		return p
	}

	var p *piece
	switch {
	case same(base, new), same(mine, new):
		p = takeDecl(mine)
	case same(base, mine):
		p = takeDecl(new)
	default:
		p = takeBoth(mine, new)
		p.text, p.conflicts = g.mergeBodies(base, mine, new)
		if len(p.conflicts) == 0 {
			p.mineKeys, p.uses = declared(p.text)
			p.newKeys = p.mineKeys
		}
	}
	p.gap = merged(base.gap, mine.gap, new.gap)
	return p
}

// mergeBodies merges a declaration that both sides changed, by lines. If there is a
// conflict, it tries again with formatted text, and then without the spaces that gofmt
// adds for alignment: a longer name in a struct or a table changes all its lines.
func (g *goMerger) mergeBodies(base, mine, new *decl) (string, []Conflict) {
	text, conflicts := g.mergeText(base.text, mine.text, new.text, mine.title)
	if len(conflicts) == 0 && declsParse(text) {
		return text, nil
	}
	plain, plainConflicts := g.mergeText(base.formatted(), mine.formatted(), new.formatted(), mine.title)
	if len(plainConflicts) == 0 && declsParse(plain) {
		return plain, nil
	}
	loose, looseConflicts := g.mergeText(unaligned(base.formatted()), unaligned(mine.formatted()), unaligned(new.formatted()), "")
	if len(looseConflicts) == 0 && declsParse(loose) {
		return formatDecl(loose), nil
	}
	switch {
	case len(plainConflicts) > 0 && size(plainConflicts) < size(conflicts):
		return plain, plainConflicts
	case len(conflicts) > 0:
		return text, conflicts
	}
	return g.conflict(base.text, mine.text, new.text, mine.title)
}

// size returns the number of bytes in conflict.
func size(conflicts []Conflict) int {
	n := 0
	for _, c := range conflicts {
		n += len(c.Mine) + len(c.New)
	}
	return n
}

// unaligned returns Go source with at most one space between two tokens of a line.
func unaligned(text string) string {
	var (
		out  strings.Builder
		scan scanner.Scanner
		at   int // the end of the last token
	)
	file := token.NewFileSet().AddFile("", -1, len(text))
	scan.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, literal := scan.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && literal != ";" {
			continue // it is not in the text
		}
		start := file.Offset(pos)
		space := text[at:start]
		if at > 0 && len(space) > 0 && !strings.Contains(space, "\n") {
			space = " "
		}
		if literal == "" {
			literal = tok.String()
		}
		at = start + len(literal)
		out.WriteString(space + text[start:at])
	}
	out.WriteString(text[at:])
	return out.String()
}

// takeDecl returns a piece for the declaration of one side.
func takeDecl(d *decl) *piece {
	return &piece{part: d.part, uses: d.uses, mineKeys: d.keys, newKeys: d.keys}
}

// takeBoth returns a piece for a declaration that is merged from two.
func takeBoth(mine, new *decl) *piece {
	p := &piece{part: mine.part, uses: maps.Clone(mine.uses), mineKeys: mine.keys, newKeys: new.keys}
	maps.Copy(p.uses, new.uses)
	return p
}

// agrees reports whether a file that was merged by lines has all changes of declarations
// that only one side made. Among many similar lines, a merge by lines can confuse two
// declarations, and it keeps a declaration that one side deleted and the other moved.
func (g *goMerger) agrees(f *goFile) bool {
	merged, inMine, inNew := byKey(f.decls), byKey(g.mine.decls), byKey(g.new.decls)
	toMine, toNew := pairsInOrder(g.base.decls, g.mine.decls), pairsInOrder(g.base.decls, g.new.decls)
	for _, base := range g.base.decls {
		if len(base.keys) == 0 {
			// As many are left as both sides leave.
			n := countAlike(g.mine.decls, base) + countAlike(g.new.decls, base) - countAlike(g.base.decls, base)
			if countAlike(f.decls, base) != max(n, 0) {
				return false
			}
			continue
		}
		key := base.keys[0]
		mine, new := toMine[base], toNew[base]
		deleted := mine == nil && inMine[key] == nil || new == nil && inNew[key] == nil
		if deleted && merged[key] != nil {
			return false
		}
		want := mine
		switch {
		case sameCore(base, mine):
			want = new
		case sameCore(base, new), sameCore(mine, new):
		default:
			continue
		}
		if want == nil {
			continue
		}
		if got := merged[want.keys[0]]; got == nil || !sameCore(got, want) {
			return false
		}
	}
	return true
}

// countAlike counts the declarations that equal one that has no name.
func countAlike(decls []*decl, with *decl) int {
	n := 0
	for _, d := range decls {
		if isAlike(d, with) && sameCore(d, with) {
			n++
		}
	}
	return n
}

func byKey(decls []*decl) map[string]*decl {
	m := map[string]*decl{}
	for _, d := range decls {
		for _, key := range d.keys {
			m[key] = d
		}
	}
	return m
}

// sameCore is like same, but ignores what comes before the doc comments. Either may be nil.
func sameCore(a, b *decl) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.core == b.core || formatDecl(a.core) == formatDecl(b.core)
}

func same(a, b *decl) bool { return a.text == b.text || a.formatted() == b.formatted() }

func declsParse(text string) bool { return parses([]byte("package p\n" + text)) }

// declared returns what declarations that parse declare and use.
func declared(decls string) (keys []string, uses map[string]bool) {
	f := splitGo([]byte("package p\n" + decls))
	if f == nil {
		return nil, nil
	}
	for _, d := range f.decls {
		keys = append(keys, d.keys...)
	}
	return keys, f.uses
}

// goText is a merged file while it is written.
type goText struct {
	strings.Builder
	lines     int
	conflicts []Conflict // with lines of the file
}

func (t *goText) write(p *piece) {
	if p.text == "" {
		return
	}
	t.WriteString(strings.Repeat("\n", p.gap))
	t.lines += p.gap
	for _, c := range p.conflicts {
		c.Line += t.lines
		t.conflicts = append(t.conflicts, c)
	}
	t.WriteString(p.text)
	t.lines += strings.Count(p.text, "\n")
}
