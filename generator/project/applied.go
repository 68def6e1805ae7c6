package project

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// Applies returns where the application embeds a file with migrations, of the kind ByConfig,
// or applies the migrations in its directory, of the kind ByMigration. It is empty if
// neither is known. What applies them comes first.
func (p *Project) Applies(file string) []Evidence {
	if p.source == nil {
		return nil
	}
	return append(p.source.opens(path.Dir(file)), p.source.embeds(file)...)
}

// embeds returns the go:embed lines that cover a file.
func (s *source) embeds(file string) []Evidence {
	var found []Evidence
	const directive = "//go:embed"
	for _, f := range s.app {
		if !f.mentions(directive + " ") {
			continue
		}
		rel, ok := below(path.Dir(f.name), file)
		if !ok {
			continue
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, f.name, f.src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, group := range syntax.Comments {
			for _, c := range group.List {
				args, ok := strings.CutPrefix(c.Text, directive+" ")
				if ok && slices.ContainsFunc(embedPatterns(args), func(pattern string) bool { return covers(pattern, rel) }) {
					found = append(found, Evidence{
						Pos: Position{f.name, fset.PositionFor(c.Pos(), false).Line}, Kind: ByConfig, Text: c.Text, Main: f.pkgName == "main",
					})
				}
			}
		}
	}
	return found
}

// below returns the path of a file relative to a directory that it is in.
func below(dir, file string) (string, bool) {
	if dir == "." {
		return file, true
	}
	return strings.CutPrefix(file, dir+"/")
}

// embedPatterns returns the patterns of a go:embed line.
func embedPatterns(args string) []string {
	var patterns []string
	for args = strings.TrimSpace(args); args != ""; args = strings.TrimSpace(args) {
		pattern, rest, _ := strings.Cut(args, " ")
		if quoted, err := strconv.QuotedPrefix(args); err == nil {
			pattern, _ = strconv.Unquote(quoted)
			rest = args[len(quoted):]
		}
		patterns = append(patterns, strings.TrimPrefix(pattern, "all:"))
		args = rest
	}
	return patterns
}

// covers reports whether a pattern matches a file or a directory that it is in.
func covers(pattern, file string) bool {
	for ; file != "."; file = path.Dir(file) {
		if ok, err := path.Match(pattern, file); err == nil && ok {
			return true
		}
	}
	return pattern == "."
}

// opens returns where the application gives a directory to something that applies
// migrations.
func (s *source) opens(dir string) []Evidence {
	migrator := func(importPath string) bool {
		return importPath != "" && slices.ContainsFunc(answers.Migrators(), func(of string) bool { return isBelow(importPath, of) })
	}
	var found []Evidence
	for _, f := range s.mentioning(path.Base(dir)) {
		if !slices.ContainsFunc(f.imports, func(imp imported) bool { return migrator(imp.path) }) {
			continue
		}
		names := func(e ast.Expr, in *scope) bool {
			text, ok := s.constant(e, in)
			text = path.Clean(strings.TrimPrefix(text, "file://"))
			return ok && (text == dir || text == path.Join("..", dir) || path.Join(path.Dir(f.name), text) == dir)
		}
		for _, c := range f.calls {
			p, fn := s.external(c.expr.Fun, c.in)
			if p == "os" && fn != "DirFS" || !migrator(p) {
				continue
			}
			for _, arg := range c.expr.Args {
				if names(arg, c.in) {
					found = append(found, f.at(s, c.expr.Pos(), ByMigration, s.text(f, c.expr.Fun)))
				}
			}
		}
		for _, v := range f.values {
			if t := s.typeNamed(v.lit.Type, f); !migrator(t.path) {
				continue
			}
			for _, e := range v.lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && names(kv.Value, v.in) {
					found = append(found, f.at(s, v.lit.Pos(), ByMigration, s.text(f, v.lit.Type)))
				}
			}
		}
	}
	return found
}
