package merge

import (
	"bytes"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// Go merges Go source as [Lines] does. If lines conflict, or give a wrong result, it
// merges declaration by declaration instead. A result is wrong if it does not parse,
// declares a name twice, or has lost a change to a declaration that only one side made.
//
// A declaration that only one side changed, moved or reformatted is not a conflict.
// Declarations are in the order of mine. Imports are merged as a set, and are kept as long
// as the merged code uses them. Each conflict is within one declaration, which it names,
// and everything else is merged. If one side deleted a declaration and the other changed
// it, that is a conflict, too.
//
// If a side does not parse, or if its declarations are not on separate lines or use cgo or
// //line, the result is that of Lines. No text that a side added is lost in either case.
//
// The caller must make line endings equal, and remove byte order marks: a file with
// carriage returns is merged only by lines.
func Go(base, mine, new []byte, labels Labels) Result {
	r := Lines(base, mine, new, labels)
	if !parses(base) || !parses(mine) || !parses(new) {
		return r
	}
	clean := len(r.Conflicts) == 0
	good := clean && (compiles(r.Text) || !compiles(mine) || !compiles(new))

	g := newGoMerger(base, mine, new, labels)
	if g != nil && good {
		if f := splitGo(r.Text); f == nil {
			return r
		} else if good = g.agrees(f); good {
			if fixed, ok := g.fixImports(r, f); ok {
				return fixed
			}
		}
	}
	if g != nil {
		if d, ok := g.merge(); ok {
			return d
		}
	}
	if clean && !good {
		return whole(base, mine, new, labels)
	}
	return r
}

// newGoMerger returns nil if a side cannot be merged by declarations.
func newGoMerger(base, mine, new []byte, labels Labels) *goMerger {
	g := &goMerger{
		base: splitGo(base), mine: splitGo(mine), new: splitGo(new),
		markers: markersFor(labels, base, mine, new),
		tidy:    isFormatted(mine) && isFormatted(new),
		newline: merged(endsLine(base), endsLine(mine), endsLine(new)),
	}
	if g.base == nil || g.mine == nil || g.new == nil {
		return nil
	}
	return g
}

func endsLine(text []byte) bool { return len(text) == 0 || text[len(text)-1] == '\n' }

func parses(src []byte) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	return err == nil
}

// compiles reports whether src parses, and declares and imports everything only once. A
// merge by lines can get that wrong without a conflict.
func compiles(src []byte) bool {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	var keys []string
	for _, node := range file.Decls {
		if !isImport(node) {
			keys = append(keys, newDecl(node).keys...)
		}
	}
	imported := map[importKey]bool{}
	for _, spec := range file.Imports {
		k := importKey{path: spec.Path.Value}
		if spec.Name != nil {
			k.name = spec.Name.Name
		}
		if imported[k] && k.name != "_" {
			return false
		}
		imported[k] = true
	}
	return !redeclared(keys)
}

func isFormatted(src []byte) bool {
	out, err := format.Source(src)
	return err == nil && bytes.Equal(out, src)
}

// whole returns a single conflict of everything between the lines that the texts have in
// common at their starts and ends.
func whole(base, mine, new []byte, labels Labels) Result {
	b, m, n := split(base), split(mine), split(new)
	head, tail := 0, 0
	same := func(x, y, z []byte) bool { return bytes.Equal(x, y) && bytes.Equal(x, z) }
	least := min(len(b), len(m), len(n))
	for head < least && same(b[head], m[head], n[head]) {
		head++
	}
	for tail < least-head && same(b[len(b)-1-tail], m[len(m)-1-tail], n[len(n)-1-tail]) {
		tail++
	}
	middle := func(lines [][]byte) []byte { return join(lines[head : len(lines)-tail]) }
	var out bytes.Buffer
	write(&out, m[:head])
	c := markersFor(labels, base, mine, new).conflict(&out, Conflict{Name: "the file", Base: middle(b), Mine: middle(m), New: middle(n)})
	write(&out, m[len(m)-tail:])
	return Result{Text: out.Bytes(), Conflicts: []Conflict{c}}
}

// fixImports gives a file that was merged by lines the imports that it needs: one side
// may have removed an import that the other side's code uses. It reports false if the
// sides import two packages with the same name.
func (g *goMerger) fixImports(r Result, f *goFile) (Result, bool) {
	want, ok := g.importMerger(f.uses, true, r.Text).want()
	if !ok || f.imports.holds(want) {
		return r, ok
	}
	f.imports.part = f.imports.rewrite(want, g.mine.imports, g.new.imports, g.base.imports)
	if text, ok := g.finish(f.source()); ok {
		r.Text = text
	}
	return r, true
}

// source returns the whole file.
func (f *goFile) source() string {
	var out goText
	for _, p := range []part{f.top, f.clause, f.imports.part} {
		out.write(&piece{part: p})
	}
	for _, d := range f.decls {
		out.write(&piece{part: d.part})
	}
	out.write(&piece{part: f.tail})
	return out.String()
}

func (g *goMerger) importMerger(uses map[string]bool, whole bool, text []byte) importMerger {
	return importMerger{g.base, g.mine, g.new, uses, whole, bytes.Contains(text, []byte("//go:embed"))}
}

// finish returns the file for a merged text without conflicts, and whether it compiles.
func (g *goMerger) finish(text string) ([]byte, bool) {
	out := []byte(text)
	if !g.newline {
		out = bytes.TrimSuffix(out, []byte("\n"))
	}
	if g.tidy {
		formatted, err := format.Source(out)
		if err != nil {
			return nil, false
		}
		out = formatted
	}
	return out, compiles(out)
}

// merge merges by declarations, and reports whether the result can be trusted.
func (g *goMerger) merge() (Result, bool) {
	g.mergeDecls()
	top := g.mergeParts(g.base.top, g.mine.top, g.new.top, "the comments above the package clause")
	clause := g.mergeParts(g.base.clause, g.mine.clause, g.new.clause, "the package clause")
	tail := g.mergeParts(g.base.tail, g.mine.tail, g.new.tail, "the comments at the end")
	tail.mineBefore, tail.newBefore = g.lastMine, g.lastNew

	var mineKeys, newKeys []string
	uses := map[string]bool{}
	conflicts := len(top.conflicts) + len(clause.conflicts) + len(tail.conflicts)
	var code strings.Builder
	for _, p := range g.decls {
		mineKeys = append(mineKeys, p.mineKeys...)
		newKeys = append(newKeys, p.newKeys...)
		maps.Copy(uses, p.uses)
		conflicts += len(p.conflicts)
		code.WriteString(p.text)
	}
	if redeclared(mineKeys) && redeclared(newKeys) {
		return Result{}, false
	}
	imports := g.mergeImports(uses, conflicts == 0, code.String())

	pieces := slices.Concat([]*piece{top, clause, imports}, g.decls, []*piece{tail})
	if g.loses(pieces) {
		return Result{}, false
	}
	var (
		out  goText
		last *piece
	)
	for i, p := range pieces {
		if i > 2 && last != p.mineBefore && last != p.newBefore {
			p.gap = max(p.gap, 1)
		}
		if p.text == "" {
			continue
		}
		if last == nil {
			p.gap = 0
		}
		out.write(p)
		last = p
	}
	if len(out.conflicts) > 0 {
		return Result{[]byte(out.String()), out.conflicts}, true
	}
	text, ok := g.finish(out.String())
	return Result{Text: text}, ok
}

func (g *goMerger) mergeImports(uses map[string]bool, whole bool, code string) *piece {
	m := g.importMerger(uses, whole, []byte(code))
	want, ok := m.want()
	base, mine, new := g.base.imports, g.mine.imports, g.new.imports
	p := &piece{}
	if !ok {
		// Two packages have the same name: a person has to choose.
		p.gap = max(mine.gap, 1)
		p.text, p.conflicts = g.mergeText(base.text, mine.text, new.text, "the imports")
		if len(p.conflicts) == 0 {
			p.text, p.conflicts = g.conflict(base.text, mine.text, new.text, "the imports")
		}
		return p
	}
	// A merge by lines keeps the comments of both sides.
	if text, conflicts := g.mergeText(base.text, mine.text, new.text, ""); len(conflicts) == 0 {
		f := splitGo([]byte("package p\n" + text))
		if f != nil && len(f.decls) == 0 && f.tail.text == "" && f.imports.holds(want) {
			p.part = part{max(merged(base.gap, mine.gap, new.gap), 1), text}
			return p
		}
	}
	p.part = m.merge(want)
	return p
}

// loses reports whether the pieces lack a line that a side added to base, or one that
// neither side deleted. Imports are merged as a set, so only comments count in them. White
// space does not count, since gofmt changes it.
func (g *goMerger) loses(pieces []*piece) bool {
	var all strings.Builder
	for i, p := range pieces {
		text := p.text
		if i == 2 {
			text = onlyComments(text)
		}
		all.WriteString(text)
	}
	out, _ := countLines(all.String())
	base, _ := countLines(g.base.text())
	mine, _ := countLines(g.mine.text())
	new, _ := countLines(g.new.text())
	lacks := func(line string) bool {
		b := base[line]
		m, n := mine[line]-b, new[line]-b
		return out[line] < b+min(m, 0)+min(n, 0)+max(m, n, 0)
	}
	for _, side := range []map[string]int{base, mine, new} {
		for line := range side {
			if lacks(line) {
				return true
			}
		}
	}
	return false
}

// text returns the file without its imports.
func (f *goFile) text() string {
	var out strings.Builder
	out.WriteString(f.top.text + f.clause.text + onlyComments(f.imports.text))
	for _, d := range f.decls {
		out.WriteString(d.text)
	}
	out.WriteString(f.tail.text)
	return out.String()
}

// onlyComments returns the lines of import declarations that import nothing.
func onlyComments(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		switch bare := strings.Join(strings.Fields(line), ""); {
		case strings.HasPrefix(bare, "//"):
		case bare == "import(", bare == ")", strings.ContainsAny(bare, "\"`"):
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}
