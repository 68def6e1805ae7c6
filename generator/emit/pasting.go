package emit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Names in the lines that stand for expressions of the application, until everything that
// the lines themselves name is what it has to be there.
const (
	itsRouter  = "__router"
	itsHandle  = "__handle"
	itsContext = "__context"
	itsHandler = "__served"
)

// code returns the imports and the lines as they can be pasted at the mount point, and
// what they call the *Auth.
func (l *lines) code() (code, auth string) {
	m := l.mount
	text := l.text.String()
	if m.Returns != "" {
		text = strings.NewReplacer(`return fmt.Errorf(`, strings.TrimSuffix(m.Returns, "err")+`fmt.Errorf(`, "return err", m.Returns).Replace(text)
	} else {
		text = strings.NewReplacer(
			`return fmt.Errorf("AUTH_KEYS: %w", err)`, `log.Fatal("AUTH_KEYS: ", err)`,
			"return err", "log.Fatal(err)",
		).Replace(text)
	}
	if m.Context == "" {
		text = strings.ReplaceAll(text, itsContext, "context.Background()")
	}
	auth = l.free("a", "au", "authn")
	names := map[string]string{ // what the lines call something
		"a": auth, "keys": l.free("keys", "authKeys"), "routes": l.free("routes", "authRoutes"),
		"rdb": l.free("rdb", "authRedis"), "options": l.free("options", "redisOptions"),
		"db": l.free("db", "sqlDB", "authDB"),
	}
	if m.ErrTaken {
		names["err"] = l.free("authErr", "mountErr")
	}
	var imports []string
	used := selectedFrom(text)
	for _, name := range slices.Sorted(maps.Keys(l.packages)) {
		importPath := l.packages[name]
		if !used[name] {
			continue
		}
		there := m.Imports[importPath]
		switch {
		case there != "" && there != "_" && there != ".":
			names[name] = there
		case l.free(name, "") == name:
			imports = append(imports, strconv.Quote(importPath))
		default:
			names[name] = l.free(name+"pkg", name+"pkg2")
			imports = append(imports, names[name]+" "+strconv.Quote(importPath))
		}
	}
	text = rename(text, names)
	text = strings.NewReplacer(itsRouter, m.Variable, itsHandle, m.Handle.Expr, itsContext, m.Context, itsHandler, m.Handler).Replace(text)
	return l.importDecl(imports) + text, auth
}

// free returns the first of several names that neither the function nor its file has where
// the lines are pasted, or the last one.
func (l *lines) free(names ...string) string {
	for _, name := range names {
		if !slices.Contains(l.mount.Names, name) && !l.imported(name) {
			return name
		}
	}
	return names[len(names)-1]
}

// imported reports whether the file calls an import by that name.
func (l *lines) imported(name string) bool {
	for _, there := range l.mount.Imports {
		if there == name {
			return true
		}
	}
	return false
}

// importDecl returns the import declaration: the packages of the standard library, those
// of drivers, and others, with the developer's own last.
func (l *lines) importDecl(specs []string) string {
	var groups [4][]string
	own := l.packages[l.answers.PackageName]
	for _, spec := range specs {
		importPath := spec[strings.IndexByte(spec, '"')+1 : len(spec)-1]
		first, _, _ := strings.Cut(importPath, "/")
		switch {
		case importPath == own || strings.HasPrefix(importPath, own+"/"):
			groups[3] = append(groups[3], spec)
		case !strings.Contains(first, "."):
			groups[0] = append(groups[0], spec)
		default:
			groups[2] = append(groups[2], spec)
		}
	}
	for _, d := range l.drivers {
		groups[1] = append(groups[1], "_ "+strconv.Quote(d))
	}
	var list []string
	for _, g := range groups {
		if len(g) > 0 {
			slices.SortFunc(g, func(a, b string) int {
				return strings.Compare(a[strings.IndexByte(a, '"'):], b[strings.IndexByte(b, '"'):])
			})
			list = append(list, "\t"+strings.Join(g, "\n\t")+"\n")
		}
	}
	if list == nil {
		return ""
	}
	return "import (\n" + strings.Join(list, "\n") + ")\n\n"
}

// selectedFrom returns the names from which the lines of a function select something.
func selectedFrom(text string) map[string]bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+text+"\n}\n", parser.SkipObjectResolution)
	if err != nil {
		panic(fmt.Sprintf("internal error: lines to paste: %v:\n%s", err, text))
	}
	names := make(map[string]bool)
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				names[x.Name] = true
			}
		}
		return true
	})
	return names
}

// rename replaces names in code, but not those of fields and methods.
func rename(code string, names map[string]string) string {
	var s scanner.Scanner
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(code))
	s.Init(file, []byte(code), nil, 0)
	var b strings.Builder
	last := 0
	before := token.ILLEGAL
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return b.String() + code[last:]
		}
		if to, ok := names[lit]; ok && tok == token.IDENT && before != token.PERIOD {
			at := file.Offset(pos)
			b.WriteString(code[last:at] + to)
			last = at + len(lit)
		}
		before = tok
	}
}
