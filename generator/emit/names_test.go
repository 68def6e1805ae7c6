package emit

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

// TestNames compares the names that a package takes with the files that are emitted.
func TestNames(t *testing.T) {
	created := regexp.MustCompile(`(?m)^CREATE (?:TABLE|INDEX) (\w+)`)
	row := regexp.MustCompile(`(?m)^\t\t\{Name: .*Method: "(\w+)", Path: prefix \+ "([^"]*)"`)
	for _, tt := range []struct{ name, session, prefix string }{
		{"", "database", "/auth"},
		{"shop", "stateless", "/shop/account"},
	} {
		a := answers.Default()
		a.Name, a.Session, a.Prefix, a.Protected = tt.name, tt.session, tt.prefix, []string{"/account"}
		if tt.session == "stateless" {
			a.Switch("manage_users", false)
			a.Protected = []string{"/items"}
		}
		a.Normalize()
		files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
		if err != nil {
			t.Fatal(err)
		}
		var relations, rows []string
		for _, f := range files {
			contains := func(text string) {
				if !bytes.Contains(f.Data, []byte(text)) {
					t.Errorf("%s has no %s", f.Path, text)
				}
			}
			switch {
			case f.Class == Migration:
				for _, m := range created.FindAllSubmatch(f.Data, -1) {
					relations = append(relations, string(m[1]))
				}
			case f.Path == "migrate.go":
				contains(TablePrefix(a) + appliedTable)
			case f.Path == "config.go":
				contains(`cookieBase = "` + Cookies(a)[0] + `"`)
				contains(`&c.LoginPath, "` + answers.LoginPath + `"`)
			case f.Path == "auth.go":
				contains(`cookieName: "__Host-" + cookieBase, deviceCookie: "__Host-" + cookieBase + "-device"`)
			case f.Path == path.Join(a.WebName(), "routes.go"):
				for _, m := range row.FindAllStringSubmatch(string(f.Data), -1) {
					rows = append(rows, m[1]+" "+a.Prefix+m[2])
				}
			}
		}
		relations = append(relations, TablePrefix(a)+appliedTable)
		slices.Sort(relations)
		got := Relations(a)
		slices.Sort(got)
		if diff := cmp.Diff(relations, got); diff != "" {
			t.Errorf("relations (-want +got):\n%s", diff)
		}
		routes, err := Routes(templates.FS, a)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, r := range routes {
			texts = append(texts, r.String())
		}
		if diff := cmp.Diff(rows, texts); diff != "" || len(rows) < 8 {
			t.Errorf("routes (-want +got):\n%s", diff)
		}
		want := "session session-device __Host-session __Host-session-device"
		if tt.name != "" {
			want = strings.ReplaceAll(want, "session session", "shop-session shop-session")
			want = strings.ReplaceAll(want, "__Host-", "__Host-shop-")
		}
		if got := strings.Join(Cookies(a), " "); got != want {
			t.Errorf("cookies %s, want %s", got, want)
		}
	}
}
