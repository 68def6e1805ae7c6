package generator

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

var update = flag.Bool("update", false, "write the tables of README.md and docs instead of comparing them")

// registries are the tables whose entries have everything that is known about a feature,
// router, database, driver, store or migration tool.
var registries = []struct {
	file  string // with the table, relative to this directory
	names func() []string
}{
	{"answers/features.go", func() (names []string) {
		for _, f := range answers.Features {
			names = append(names, f.Name)
			for _, k := range f.Keys {
				names = append(names, k.Name)
			}
		}
		return names
	}},
	{"answers/routers.go", func() (names []string) {
		for _, r := range answers.Routers {
			names = append(names, r.Name, r.Module)
		}
		for _, o := range answers.OtherRouters {
			names = append(names, o.Import)
		}
		return names
	}},
	{"answers/databases.go", func() (names []string) {
		for _, d := range answers.Databases {
			names = append(append(names, d.Name), answers.DriversFor(d.Name)...)
			for _, w := range d.Wrappers {
				names = append(names, w.Import)
			}
		}
		for _, s := range answers.Stores {
			if s.Apart() { // the names of others are common words
				names = append(names, s.Name, s.Module)
			}
		}
		return names
	}},
	{"answers/handles.go", func() (names []string) {
		for _, h := range answers.Handles {
			names = append(names, h.Import)
		}
		for _, o := range slices.Concat(answers.OtherDatabases, answers.OtherORMs) {
			names = append(names, o.Import)
		}
		return names
	}},
	{"answers/migrations.go", func() (names []string) {
		for _, t := range answers.MigrationTools {
			if t.Command != "" { // a name without a command is a common word
				names = append(names, t.Name)
			}
		}
		return names
	}},
}

// TestEntriesAreTheOnlyPlace checks that no other code has the names of entries in the
// registries.
func TestEntriesAreTheOnlyPlace(t *testing.T) {
	registryOf := make(map[string]string) // by name
	var files []string
	for _, r := range registries {
		for _, name := range r.names() {
			registryOf[name] = r.file
		}
		files = append(files, filepath.FromSlash(r.file))
	}
	delete(registryOf, "") // from a router without a module
	if len(registryOf) < 25 {
		t.Fatalf("only the names %v", registryOf)
	}
	parsed := 0
	for _, dir := range []string{".", filepath.Join("..", "cmd")} {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || slices.Contains(files, name) ||
				filepath.Dir(name) == "examples" { // that package is for tests, and names a few entries
				return err
			}
			parsed++
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ImportSpec:
					return false
				case *ast.BasicLit:
					if n.Kind != token.STRING {
						break
					}
					text, err := strconv.Unquote(n.Value)
					if err != nil {
						t.Error(err)
					}
					if file, ok := registryOf[text]; ok {
						t.Errorf("%s: %q belongs in its entry in generator/%s", fset.Position(n.Pos()), text, file)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if parsed < 40 {
		t.Errorf("only %d files", parsed)
	}
}

// TestReadmeTables compares the tables of README.md with the registries.
func TestReadmeTables(t *testing.T) {
	checkTables(t, "README.md", map[string]string{"features": featureRows(), "routers": routerRows(), "databases": databaseRows()})
}

// TestVersionsTable compares the table of docs/versions.md with the registries.
func TestVersionsTable(t *testing.T) {
	checkTables(t, "docs/versions.md", map[string]string{"versions": versionRows()})
}

// checkTables compares the tables of a file with the given ones.
func checkTables(t *testing.T, file string, tables map[string]string) {
	t.Helper()
	name := filepath.Join("..", filepath.FromSlash(file))
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := old
	for table, rows := range tables {
		begin, end := fmt.Sprintf("<!-- %s -->\n", table), fmt.Sprintf("<!-- end of %s -->\n", table)
		before, rest, ok := bytes.Cut(text, []byte(begin))
		_, after, ok2 := bytes.Cut(rest, []byte(end))
		if !ok || !ok2 {
			t.Fatalf("%s has no %q with a %q after it", file, begin, end)
		}
		text = slices.Concat(before, []byte(begin), []byte(rows), []byte(end), after)
	}
	if *update {
		if err := os.WriteFile(name, text, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(old), string(text)); diff != "" {
		t.Errorf("run go test ./generator -run Table -update (-%s +registries):\n%s", file, diff)
	}
}

func featureRows() string {
	var b strings.Builder
	b.WriteString("| `--features` | in a new package | what it gives and costs | routes |\n|---|---|---|---|\n")
	for _, f := range answers.Features {
		on := "no"
		if f.Default {
			on = "yes"
		}
		help := f.Help
		for _, k := range f.Keys {
			help += fmt.Sprintf("; `--%s` is the %s:", k.Name, k.Help)
			for i, v := range k.Values {
				if i > 0 {
					help += ";"
				}
				help += fmt.Sprintf(" `%s`, %s", v.Name, v.Help)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, on, help, f.Routes)
	}
	return b.String()
}

// routerRows returns one row for all routers that are used in the same way.
func routerRows() string {
	var b strings.Builder
	b.WriteString("| `--router` | the whole application | the routes | a guard on a route of yours |\n|---|---|---|---|\n")
	var uses []string
	names := make(map[string]string) // by use
	for _, r := range answers.Routers {
		whole := "`" + r.Use + "`"
		if r.Use == "" {
			whole = "`a.Middleware({r})` is served"
		}
		use := strings.ReplaceAll(fmt.Sprintf("| %s | `a.Register({r}, routes)` | `%s` |\n", whole, r.Guard), "{r}", r.Variable)
		if names[use] == "" {
			uses = append(uses, use)
			names[use] = "`" + r.Name + "`"
		} else {
			names[use] += ", `" + r.Name + "`"
		}
	}
	for _, use := range uses {
		b.WriteString("| " + names[use] + " " + use)
	}
	return b.String()
}

func databaseRows() string {
	var b strings.Builder
	b.WriteString("| `--database` | | `--driver` |\n|---|---|---|\n")
	for _, d := range answers.Databases {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", d.Name, d.Title, strings.Join(answers.DriversFor(d.Name), "`, `"))
	}
	return b.String()
}

func versionRows() string {
	var b strings.Builder
	b.WriteString("| module | oldest version |\n|---|---|\n")
	versions := project.Versions()
	for _, module := range slices.Sorted(maps.Keys(versions)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", module, versions[module].Oldest)
	}
	return b.String()
}
