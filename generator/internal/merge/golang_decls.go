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

	// What it declares, if mine and if new is chosen in its conflicts.
	mineKeys, newKeys []string

	// The pieces that stand before it in the sides. It needs no blank line after
	// these that it did not have there.
	mineBefore, newBefore *piece
}

// goMerger merges one Go file by declarations.
type goMerger struct {
	base, mine, new *goFile
	markers         markers
	tidy            bool // both sides are as gofmt has them, and so is the result
	newline         bool // the file ends with one

	decls             []*piece
	lastMine, lastNew *piece // the pieces that the last declarations of the sides are in
}

// mergeParts merges what is neither import nor declaration.
func (g *goMerger) mergeParts(base, mine, new part, name string) *piece {
	p := &piece{part: part{gap: merged(base.gap, mine.gap, new.gap)}}
	p.text, p.conflicts = g.mergeText(base.text, mine.text, new.text, name)
	return p
}

// merged is new where mine is as base, and mine otherwise.
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

// conflict is a piece of which each side has another text.
func (g *goMerger) conflict(base, mine, new, name string) (string, []Conflict) {
	var out bytes.Buffer
	c := g.markers.conflict(&out, Conflict{Name: name, Base: []byte(base), Mine: []byte(mine), New: []byte(new)})
	return out.String(), []Conflict{c}
}

// mergeDecls merges the declarations: in the order of mine, each that only new
// has after the one that it comes after there.
func (g *goMerger) mergeDecls() {
	toMine := pairsInOrder(g.base.decls, g.mine.decls)
	toNew := pairsInOrder(g.base.decls, g.new.decls)
	addRenamed(toMine, g.base.decls, g.mine.decls)
	addRenamed(toNew, g.base.decls, g.new.decls)
	fromMine, fromNew := inverse(toMine), inverse(toNew)

	without := func(decls []*decl, known map[*decl]*decl) []*decl {
		return slices.DeleteFunc(slices.Clone(decls), func(d *decl) bool { return known[d] != nil })
	}
	// Both sides may well add another check that a type implements an interface,
	// var _ I = T{}, but one init each is the same place in two versions.
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

// insert puts p after another piece, or if that is nil before the first of the
// declarations that is there.
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

// addRepeated pairs what two sides have added of what may be repeated, blank
// declarations aside, in order.
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

// mergeDecl merges one declaration, of which any version may be nil, but not both
// mine and new. It returns nil if the declaration is to be deleted.
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

// mergeBodies merges by lines what both sides have changed. Where that conflicts it
// is tried again on gofmt's output, and once more without the spaces by
// which gofmt aligns: a longer name in a struct or a table changes all its lines.
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

// size is how many bytes are in conflict.
func size(conflicts []Conflict) int {
	n := 0
	for _, c := range conflicts {
		n += len(c.Mine) + len(c.New)
	}
	return n
}

// unaligned returns Go source with one space at most between two tokens of a line.
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

// takeDecl returns a piece that is a declaration of one side.
func takeDecl(d *decl) *piece {
	return &piece{part: d.part, uses: d.uses, mineKeys: d.keys, newKeys: d.keys}
}

// takeBoth returns a piece for what is made of two declarations.
func takeBoth(mine, new *decl) *piece {
	p := &piece{part: mine.part, uses: maps.Clone(mine.uses), mineKeys: mine.keys, newKeys: new.keys}
	maps.Copy(p.uses, new.uses)
	return p
}

// agrees reports whether a file that lines have merged has each declaration as the
// side has it that is alone in having changed it. Among many similar lines a merge
// by lines can take one declaration for another, and one that is deleted here and
// moved there is still there.
func (g *goMerger) agrees(f *goFile) bool {
	merged, inMine, inNew := byKey(f.decls), byKey(g.mine.decls), byKey(g.new.decls)
	toMine, toNew := pairsInOrder(g.base.decls, g.mine.decls), pairsInOrder(g.base.decls, g.new.decls)
	for _, base := range g.base.decls {
		if len(base.keys) == 0 {
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

func byKey(decls []*decl) map[string]*decl {
	m := map[string]*decl{}
	for _, d := range decls {
		for _, key := range d.keys {
			m[key] = d
		}
	}
	return m
}

// sameCore is as same, but for what stands above the doc comment. Either may be nil.
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
