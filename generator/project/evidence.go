package project

import (
	"go/ast"
	"go/token"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/authgen/authgen/generator/answers"
)

// collect adds the evidence in Go files.
func (s *scan) collect(src *source) {
	parallel(len(src.files), func(i int) {
		if f := src.files[i]; f.mayBeEvidence() {
			src.parse(f)
		}
	})
	for _, f := range src.files {
		if f.broken {
			continue
		}
		s.imports(src, f)
		if f.syntax != nil && !f.test {
			s.uses(src, f)
		}
	}
}

// mayBeEvidence reports whether there may be evidence in the file beside its imports. It
// avoids parsing most files.
func (f *file) mayBeEvidence() bool {
	if f.test {
		return false
	}
	for _, imp := range f.imports {
		prefix := imp.name + "."
		if imp.name == "." {
			prefix = ""
		}
		for _, l := range librariesOf(imp.path) {
			for _, name := range slices.Concat(l.constructors, l.registers) {
				if imp.path == answers.SQL || f.mentions(prefix+name) {
					return true
				}
			}
		}
	}
	for _, d := range answers.Databases {
		if f.mentions(d.Sources...) {
			return true
		}
	}
	return f.mentions("Open", "Connect", "Engine", "Register", "Dialect") &&
		slices.ContainsFunc(answers.Opening, func(fn string) bool { return f.mentions("." + fn + "(") })
}

// at returns evidence at a position in a file.
func (f *file) at(src *source, pos token.Pos, kind EvidenceKind, text string) Evidence {
	return Evidence{Pos: src.position(pos), Kind: kind, Text: text, Test: f.test, Main: f.pkgName == "main"}
}

// imports adds what a file imports of libraries.
func (s *scan) imports(src *source, f *file) {
	var found []*library
	for _, imp := range f.imports {
		for _, l := range librariesOf(imp.path) {
			if !l.standard() && !slices.Contains(found, l) {
				found = append(found, l)
				s.evidence[l] = append(s.evidence[l], f.at(src, imp.pos, ByImport, imp.path))
			}
		}
	}
}

// uses adds what a parsed file does with libraries and databases.
func (s *scan) uses(src *source, f *file) {
	// A function counts whether it is called or passed as an argument, as for dependency
	// injection: fx.Provide(chi.NewRouter).
	for _, c := range f.calls {
		for _, e := range append([]ast.Expr{c.expr.Fun}, c.expr.Args...) {
			importPath, name := src.external(e, c.in)
			if importPath == "" {
				continue
			}
			for _, l := range librariesOf(importPath) {
				if kind, ok := l.kindOf(name); ok && (importPath == l.path || isVersionOf(importPath, l.path)) {
					s.evidence[l] = append(s.evidence[l], f.at(src, namePos(e), kind, l.pkg+"."+name))
				}
			}
		}
		if slices.Contains(answers.Opening, nameOf(c.expr.Fun)) {
			for _, arg := range c.expr.Args {
				if d := src.databaseNamed(arg, c.in); d != "" {
					text := src.text(f, c.expr.Fun) + "(" + src.text(f, arg) + ")"
					s.databases[d] = append(s.databases[d], f.at(src, c.expr.Pos(), ByName, text))
				}
			}
		}
	}
	for _, lit := range f.texts {
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			continue
		}
		for _, d := range answers.Databases {
			if isSource(text) && slices.ContainsFunc(d.Sources, func(part string) bool { return strings.Contains(text, part) }) {
				s.databases[d.Name] = append(s.databases[d.Name], f.at(src, lit.Pos(), BySource, "a data source name"))
			}
		}
	}
	if f.importsPath(answers.SQL) {
		s.mentionsSQL(src, f)
	}
}

// isSource reports whether a text may be a data source name: one word, or settings such as
// host=localhost, and not a text that mentions one.
func isSource(text string) bool {
	words := strings.Fields(text)
	return len(words) == 1 || !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(word, "=") })
}

func (f *file) importsPath(path string) bool {
	return slices.ContainsFunc(f.imports, func(imp imported) bool { return imp.path == path })
}

// mentionsSQL adds that a file names types for databases of the standard library.
func (s *scan) mentionsSQL(src *source, f *file) {
	l := knownSQL[0]
	found := false
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if ok && !found && slices.Contains([]string{"DB", "Tx", "Conn"}, sel.Sel.Name) && f.importOf(nameOf(sel.X)) == l.path {
			found = true
			s.evidence[l] = append(s.evidence[l], f.at(src, sel.Pos(), ByImport, l.pkg+"."+sel.Sel.Name))
		}
		return !found
	})
}

// namePos returns the position of the name of a function.
func namePos(fun ast.Expr) token.Pos {
	if sel, ok := base(fun).(*ast.SelectorExpr); ok {
		return sel.Sel.Pos()
	}
	return fun.Pos()
}

// databaseNamed returns the answer for the database that an expression names: a string,
// a named constant, or the constant of an ORM. It is empty if the expression names none.
func (s *source) databaseNamed(e ast.Expr, in *scope) string {
	if sel, ok := e.(*ast.SelectorExpr); ok {
		importPath := s.imported(sel, in)
		for _, d := range answers.Databases {
			for _, w := range d.Wrappers {
				if importPath != "" && w.Import == importPath && w.Const == sel.Sel.Name {
					return d.Name
				}
			}
		}
	}
	text, ok := s.constant(e, in)
	if !ok {
		return ""
	}
	for _, d := range answers.Databases {
		if slices.Contains(d.Names, text) {
			return d.Name
		}
	}
	return ""
}

// sqlcFiles are the names of files that configure sqlc.
var sqlcFiles = []string{"sqlc.yaml", "sqlc.yml", "sqlc.json"}

// collectConfigs adds the databases that sqlc writes code for.
func (s *scan) collectConfigs() {
	for _, name := range s.configs {
		data, err := fs.ReadFile(s.fsys, name)
		if err != nil {
			continue
		}
		f, err := parser.ParseBytes(data, 0) // JSON is YAML, too
		if err != nil {
			continue
		}
		for _, doc := range f.Docs {
			yaml.Walk(engines(func(engine string, line int) {
				for _, d := range answers.Databases {
					if slices.Contains(d.Names, engine) {
						e := Evidence{Pos: Position{name, line}, Kind: ByConfig, Text: "engine: " + engine}
						s.databases[d.Name] = append(s.databases[d.Name], e)
					}
				}
			}), doc.Body)
		}
	}
}

// engines is called with each engine in a configuration of sqlc, and its line.
type engines func(engine string, line int)

// Visit implements [yaml.Visitor].
func (found engines) Visit(n yaml.Node) yaml.Visitor {
	if pair, ok := n.(*yaml.MappingValueNode); ok && pair.Key.String() == "engine" || ok && pair.Key.String() == `"engine"` {
		if value, ok := pair.Value.(*yaml.StringNode); ok {
			found(value.Value, value.GetToken().Position.Line)
		}
	}
	return found
}
