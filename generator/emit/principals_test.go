package emit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates"
)

// walked are the types of the core whose methods the emitted TestZeroPrincipalIsRefused
// calls, one after the other. No other function of the core may take a Principal, since
// that test would not call it.
var walked = []string{"Auth", "DAL"}

// unwalkedPrincipals returns an error for each exported function of the core, or of the
// application's side, that takes a Principal and that no test calls with the zero one.
func (e *emission) unwalkedPrincipals() []error {
	var errs []error
	for _, dir := range []string{".", e.answers.WebName()} {
		d := e.dirs[dir]
		if d == nil {
			continue
		}
		p, err := e.load(dir, "")
		if err != nil {
			return []error{err}
		}
		tested := refusedIn(slices.Concat(d.tests, d.external))
		for _, f := range takesPrincipal(p.pkg) {
			receiver, name, method := strings.Cut(f, ".")
			switch {
			case dir == "." && method && slices.Contains(walked, receiver):
			case dir != "." && (tested[name] || !method && tested[f]):
			default:
				errs = append(errs, fmt.Errorf("%s of package %s takes a Principal, and no test calls it with the zero one", f, p.pkg.Name()))
			}
		}
	}
	return errs
}

// takesPrincipal returns the names of the exported functions and methods of a
// package that take a Principal.
func takesPrincipal(pkg *types.Package) []string {
	var names []string
	add := func(f *types.Func) {
		for p := range f.Signature().Params().Variables() {
			typ := p.Type()
			if s, ok := typ.(*types.Slice); ok {
				typ = s.Elem()
			}
			if s, ok := typ.(*types.Pointer); ok {
				typ = s.Elem()
			}
			if named, ok := typ.(*types.Named); ok && named.Obj().Name() == "Principal" && f.Exported() {
				names = append(names, qualifiedName(f))
				return
			}
		}
	}
	for _, name := range pkg.Scope().Names() {
		switch o := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			add(o)
		case *types.TypeName:
			if named, ok := o.Type().(*types.Named); ok && o.Exported() {
				for m := range named.Methods() {
					add(m)
				}
			}
		}
	}
	return names
}

// refusedIn returns the names of the functions that tests call with the zero
// Principal.
func refusedIn(tests []parsedFile) map[string]bool {
	names := make(map[string]bool)
	for _, f := range tests {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !slices.ContainsFunc(call.Args, isZeroPrincipal) {
				return true
			}
			names[lastName(call.Fun)] = true
			return true
		})
	}
	return names
}

func isZeroPrincipal(x ast.Expr) bool {
	lit, ok := x.(*ast.CompositeLit)
	return ok && len(lit.Elts) == 0 && lastName(lit.Type) == "Principal"
}

// lastName returns the name at the end of a selector.
func lastName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

// TestUnwalkedPrincipals tests the check for functions that no test calls with the zero
// Principal. It is part of TestCombinations.
func TestUnwalkedPrincipals(t *testing.T) {
	a := templateAnswers()
	a.Package = "internal/auth"
	files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
	if err != nil {
		t.Fatal(err)
	}
	files = append(files,
		File{Path: "new.go", Data: []byte("package auth\n\ntype Invoices struct{}\n\n" +
			"func (*Invoices) List(...Principal) {}\n\nfunc Allowed(p *Principal) bool { return false }\n\nfunc hidden(Principal) {}\n\nvar _ = hidden\n")},
		File{Path: "authweb/new.go", Data: []byte("package authweb\n\nimport \"example.com/app/internal/auth\"\n\n" +
			"func (d Data) Invoices(p auth.Principal) {}\n")},
	)
	e := newEmissionChecker(exportData(t)).emission(a, files)
	var got []string
	for _, err := range e.unwalkedPrincipals() {
		name, _, _ := strings.Cut(err.Error(), " takes")
		got = append(got, name)
	}
	want := []string{"Allowed of package auth", "Invoices.List of package auth", "Data.Invoices of package authweb"}
	if !slices.Equal(got, want) || len(e.errs) > 0 {
		t.Errorf("found %q, want %q; other errors: %v", got, want, e.errs)
	}
}

// Code of another package cannot forge a Principal. It can only make the zero one, which is
// refused.
func TestPrincipalsCannotBeForged(t *testing.T) {
	checker := newEmissionChecker(exportData(t))
	for _, session := range []string{"database", "stateless"} {
		a := templateAnswers()
		a.Package, a.Session = "internal/auth", session
		files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
		if err != nil {
			t.Fatal(err)
		}
		e := checker.emission(a, files)
		p, err := e.load(".", "")
		if err != nil {
			t.Fatal(err)
		}
		principal := p.pkg.Scope().Lookup("Principal").Type().Underlying().(*types.Struct)
		if principal.NumFields() == 0 {
			t.Fatal("Principal has no fields, so every Principal is the zero one")
		}

		// Statements, and the errors of the compiler, if any.
		programs := map[string]string{
			`_ = auth.Principal{}.Require()`:                               "",
			`var p auth.Principal; _ = p.RequireFresh()`:                   "",
			`type mine struct{ auth.Principal }; _ = mine{}.Require()`:     "",
			`_ = auth.Principal(auth.Session{})`:                           "cannot convert",
			`var p auth.Principal; _ = auth.Principal(struct{ p any }{p})`: "cannot convert",
		}
		var like, values []string
		for field := range principal.Fields() {
			name := field.Name()
			values = append(values, "nil")
			like = append(like, name+" "+spelled(field.Type()))
			programs[`_ = auth.Principal{`+name+`: nil}`] = "unexported field " + name
			programs[`var p auth.Principal; p.`+name+` = p.`+name] = "unexported field " + name
			programs[`var p auth.Principal; _ = &p.`+name] = "unexported field " + name
		}
		programs[`_ = auth.Principal{`+strings.Join(values, ", ")+`}`] = "unexported field"
		programs[`_ = auth.Principal(struct{ `+strings.Join(like, "; ")+` }{})`] = "cannot convert"
		for _, body := range slices.Sorted(maps.Keys(programs)) {
			var errs []string
			fset := token.NewFileSet()
			source := "package main\n\nimport (\n\t\"time\"\n\n\t\"" + e.root + "\"\n)\n\nvar _ time.Time\n\nfunc main() {\n\t" + body + "\n}\n"
			file, err := parser.ParseFile(fset, "main.go", source, parser.SkipObjectResolution)
			if err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			config := types.Config{Importer: emissionImporter{e, ""}, Error: func(err error) { errs = append(errs, err.Error()) }}
			_, _ = config.Check("main", fset, []*ast.File{file}, nil)
			all := strings.Join(errs, "\n")
			switch want := programs[body]; {
			case want == "" && all != "":
				t.Errorf("%s: %s: does not compile: %s", session, body, all)
			case want != "" && !strings.Contains(all, want):
				t.Errorf("%s: %s: the compiler says %q, want %q in it", session, body, all, want)
			}
		}
		if len(e.errs) > 0 {
			t.Error(e.errs)
		}
	}
}

// spelled returns a type as another package writes it, or "any" if it cannot.
func spelled(typ types.Type) string {
	named, ok := typ.(*types.Named)
	switch {
	case !ok:
		if _, basic := typ.(*types.Basic); basic {
			return typ.String()
		}
		return "any"
	case named.Obj().Exported():
		return path.Base(named.Obj().Pkg().Path()) + "." + named.Obj().Name()
	}
	return "any"
}
