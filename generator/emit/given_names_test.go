package emit

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

var everyName = flag.Int("names", 12, "make code of one of so many lists of names; 1 is each of them")

// awkwardNames are words that mean something in a language that a given name becomes
// part of: in Go, to the emitted code, and in SQL.
func awkwardNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for tok := token.Token(0); tok < token.TILDE; tok++ {
		if tok.IsKeyword() {
			names = append(names, tok.String())
		}
	}
	for _, name := range types.Universe.Names() {
		names = append(names, snakeName(name))
	}
	names = append(names, answers.ReservedNames()...)
	for object := range declared(t) {
		names = append(names, snakeName(object))
	}
	names = append(names,
		"", "_", "a", "a_", "a_b", "ab", "a__b", "a_b_c", "abc", "url", "u_r_l", "default", "none", "anyone", "self",
		"super_admin", "superadmin", "superAdmin", "user id", "ñandú", "1st", "first-name", "new_users", "main", "init",
		"sqlite", "sqlite_x", "pg", "pg_x", "mysql", "authtest", "authweb", "sys", "internal", "con", "nul", "null", "true", "no", "y")
	slices.Sort(names)
	return slices.Compact(names)
}

// snakeName returns the name of an answer of which a name in Go may be made.
func snakeName(name string) string {
	return strings.ToLower(wordInside.ReplaceAllString(name, "${1}_${2}"))
}

var wordInside = regexp.MustCompile(`([a-z])([A-Z])`)

// declared returns the names that the emitted code declares, and where: in its
// packages, and as fields and methods.
func declared(t *testing.T) map[string]string {
	t.Helper()
	files, err := Package(templates.FS, templateAnswers(), Target{Module: "example.com/app"})
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]string)
	for _, f := range files {
		if path.Ext(f.Path) != ".go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names[n.Name.Name] = f.Path
				return false
			case *ast.TypeSpec:
				names[n.Name.Name] = f.Path
			case *ast.ValueSpec:
				for _, name := range n.Names {
					names[name.Name] = f.Path
				}
			case *ast.Field:
				for _, name := range n.Names {
					names[name.Name] = f.Path
				}
			}
			return true
		})
	}
	return names
}

// The name of the package cannot be that of something in a package that imports it.
func TestPackageNameTaken(t *testing.T) {
	specialize := rememberTemplates()
	taken := ""
	for name, file := range declared(t) {
		a := templateAnswers()
		if path.Dir(file) != "." && token.IsIdentifier(name) && a.Set("package_name", name) == nil {
			_, err := packageWith(specialize, templates.FS, a, Target{Module: "example.com/app"})
			if problems, ok := errors.AsType[answers.Problems](err); ok {
				taken = name
				want := fmt.Sprintf("package_name: %q is declared in ", name)
				if got := problems.Error(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, fmt.Sprintf("; choose another name, such as %q", name+"auth")) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	if taken == "" {
		t.Error("no name is taken")
	}
}

// A name is refused, by its key, in a way that says what to do, or code that compiles
// is made of it.
func TestGivenNames(t *testing.T) {
	specialize := rememberTemplates()
	checker := newEmissionChecker(exportData(t))
	emits := func(what string, a answers.Answers) {
		t.Helper()
		files, err := packageWith(specialize, templates.FS, a, Target{Module: "example.com/app"})
		if err == nil {
			err = checker.check(a, files)
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	accepted := func(what, key string, a answers.Answers, err error) bool {
		t.Helper()
		if err == nil {
			err = a.Check()
		}
		if err == nil {
			return true
		}
		problems, ok := errors.AsType[answers.Problems](err)
		if !ok || problems[0].Key() != key {
			t.Errorf("%s: %v", what, err)
		}
		return false
	}
	// words returns those of the names that are accepted, in lists of those that can
	// stand together.
	words := func(key string, accept func(names []string) (answers.Answers, error)) (lists [][]string) {
		var list []string
		for _, name := range awkwardNames(t) {
			a, err := accept([]string{name})
			if !accepted(fmt.Sprintf("%s %q", key, name), key, a, err) {
				continue
			}
			if a, err = accept(append(slices.Clip(list), name)); err != nil || a.Check() != nil {
				lists, list = append(lists, list), nil
			}
			list = append(list, name)
		}
		return append(lists, list)
	}

	fields := func(names []string) (answers.Answers, error) {
		a := templateAnswers()
		visible := []string{"anyone", "self", "admin"}
		for i, name := range names {
			names[i] = name + ":" + []string{"string", "bool", "int"}[i%3] + ":" + visible[i%3]
		}
		return a, a.Set("profile", strings.Join(names, ","))
	}
	roles := func(names []string) (answers.Answers, error) {
		a := answers.Default()
		err := a.Set("roles", "top,"+strings.Join(names, ",")+",last")
		a.Normalize()
		return a, err
	}
	permissions := func(names []string) (answers.Answers, error) {
		a := answers.Default()
		a.Normalize()
		for i, name := range names {
			names[i] = name + ":" + name
		}
		return a, a.Set("permissions", "admin=users:read+users:write,member="+strings.Join(names, "+"))
	}
	for _, kind := range []struct {
		key    string
		accept func([]string) (answers.Answers, error)
	}{
		{"profile", fields},
		{"roles", roles},
		{"permissions", permissions},
	} {
		lists := words(kind.key, func(names []string) (answers.Answers, error) { return kind.accept(slices.Clone(names)) })
		for i := sampled(t, *everyName); i < len(lists); i += *everyName {
			a, err := kind.accept(slices.Clone(lists[i]))
			if err != nil {
				t.Fatal(err)
			}
			emits(fmt.Sprintf("%s %q", kind.key, lists[i]), a)
		}
		t.Logf("%s: %d lists of names", kind.key, len(lists))
	}

	// Names of the package itself, each of which takes an emission of its own: what
	// is declared where it is imported, and what else may be near it.
	packages := []string{"a", "c", "t", "app", "auth", "browser", "err", "mux", "session", "store", "user", "users", "web", "test"}
	for name, file := range declared(t) {
		if path.Dir(file) != "." && !ast.IsExported(name) {
			packages = append(packages, name)
		}
	}
	slices.Sort(packages)
	packages = slices.Compact(packages)
	n := 0
	for i := sampled(t, *everyName); i < len(packages); i += *everyName {
		name := packages[i]
		a := templateAnswers()
		a.PackageName = name
		if !accepted("package_name "+name, "package_name", a, nil) {
			continue
		}
		files, err := packageWith(specialize, templates.FS, a, Target{Module: "example.com/app"})
		if problems, ok := errors.AsType[answers.Problems](err); ok {
			if problems[0].Key() != "package_name" {
				t.Errorf("package_name %s: %v", name, err)
			}
			continue
		}
		n++
		if err == nil {
			err = checker.check(a, files)
		}
		if err != nil {
			t.Errorf("package_name %s: %v", name, err)
		}
	}
	t.Logf("package_name: %d names", n)
}
