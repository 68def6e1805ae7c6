package project

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/authgen/authgen/generator/answers"
)

// usualRows are routes of a package with the prefix /auth, of each kind.
var usualRows = []Row{
	{"POST", "/auth/login"},
	{"GET", "/auth/me"},
	{"DELETE", "/auth/me"},
	{"DELETE", "/auth/sessions/{id}"},
	{"GET", "/auth/users"},
	{"GET", "/auth/users/{id}"},
	{"PUT", "/auth/users/{id}/role"},
}

// TestClashes loads each module tree in testdata/clash, and compares what a new package
// could clash with with the file "want" in the archive.
func TestClashes(t *testing.T) { compareWanted(t, "testdata/clash/*.txtar", taken) }

// taken returns what a project has, a line each.
func taken(p *Project) string {
	var b strings.Builder
	router, _ := p.Router()
	for i, root := range p.roots {
		if i > 0 {
			b.WriteString("another root\n")
		}
		for _, route := range p.routing().routesOn(root) {
			rest := ""
			if n := len(route.segments); n > 0 && route.segments[n-1].kind == restSegment {
				rest = " and below"
			}
			if route.guessed {
				rest += ", perhaps"
			}
			fmt.Fprintf(&b, "route %s%s: %s\n", route, rest, route.Pos)
		}
	}
	for _, c := range p.RouteClashes(router, "/auth", usualRows) {
		fmt.Fprintf(&b, "clash %s: %s %s\n", c.Route.Pos, c.Route, c.Why)
	}
	if p.Unanswered("/login") {
		b.WriteString("no /login\n")
	}
	database, _ := p.Database()
	for _, r := range p.Relations(database, nil) {
		fmt.Fprintf(&b, "%s %s: %s\n", r.Kind, r.Name, r.Pos)
	}
	for _, c := range p.Cookies() {
		fmt.Fprintf(&b, "cookie %s: %s %s\n", c.Name, c.Pos, c.Text)
	}
	for _, m := range p.Migrations {
		for _, e := range p.Applies(path.Join(m.Dir, "9_auth"+answers.MigrationToolNamed(m.Tool).End())) {
			fmt.Fprintf(&b, "applies %s: %s %s\n", m.Dir, e.Pos, e.Text)
		}
	}
	return b.String()
}

// TestForwardedRoutes passes requests on to a ServeMux from a router of another kind.
func TestForwardedRoutes(t *testing.T) {
	for name, want := range map[string]string{
		"gin": "main.go:17 main.go:18 main.go:25 main.go:26 main.go:27",
		"chi": "internal/accounts/accounts.go:10 internal/accounts/accounts.go:21 main.go:16",
	} {
		archive, err := txtar.ParseFile("testdata/clash/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		p, err := Load(writeTree(t, archive.Files))
		if err != nil {
			t.Fatal(err)
		}
		var at []string
		for _, c := range p.RouteClashes("net/http", "/auth", usualRows) {
			at = append(at, c.Route.Pos.String())
		}
		if got := strings.Join(at, " "); got != want {
			t.Errorf("%s: clashes at %s, want %s", name, got, want)
		}
	}
}

// FuzzSQL looks for texts on which splitting SQL fails, or does not end.
func FuzzSQL(f *testing.F) {
	for _, text := range []string{"CREATE TABLE a (b text DEFAULT 'it''s'); -- c", "/* a /* b */", "$x$ y $x$ $1 $", "'a\\'b'", "[a] `b` \"c", "DROP TABLE a, b.c", "ALTER TABLE a RENAME TO"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := make(schema)
		s.apply(upOf("1_a.sql", text), "1_a.sql", 1)
		s.applyBlocks(text, "a.hcl")
		for name, r := range s {
			if name != strings.ToLower(r.Name) || r.Pos.Line < 1 || r.Pos.Line > strings.Count(text, "\n")+1 {
				t.Errorf("%q: %+v", name, r)
			}
		}
	})
}
