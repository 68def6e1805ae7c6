package emit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
)

// templateAnswers returns answers with every option on, as in the templates.
func templateAnswers() answers.Answers {
	a := answers.Default()
	a.Package = "templates/auth"
	a.Roles = []answers.Role{
		{Name: "admin", Permissions: []string{"users:read", "users:write"}, Sensitive: true},
		{Name: "editor", Permissions: []string{"posts:write"}},
		{Name: "member", Permissions: []string{"posts:read"}},
	}
	a.DefaultRole = "member"
	a.Profile = []answers.Field{
		{Name: "display_name", Type: "string", Visible: []string{"anyone"}},
		{Name: "phone", Type: "string", Visible: []string{"self", "admin"}},
		{Name: "newsletter", Type: "bool", Visible: []string{"self"}},
	}
	a.Public = []string{"/login", "/signup"}
	a.Protected = []string{"/account"}
	for _, f := range answers.Features {
		a.Switch(f.Name, true)
		for _, k := range f.Keys {
			if err := a.Set(k.Name, k.Values[len(k.Values)-1].Name); err != nil {
				panic(err)
			}
		}
	}
	a.Normalize()
	return a
}

// The templates compile together with files of declarations, which are those that the
// generator writes.
func TestTemplateNames(t *testing.T) {
	a := templateAnswers()
	if err := a.Check(); err != nil {
		t.Fatal(err)
	}
	for _, f := range declaredFiles {
		want, err := renderDeclarations(f.declare, a)
		if err != nil {
			t.Fatal(err)
		}
		want = withHeader(f.name, Generated, want)
		name := filepath.Join("..", "..", "templates", templatePackage, f.name)
		if *update {
			if err := os.WriteFile(name, want, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s differs from what the generator writes (run go test ./generator/emit -update):\n%s", name, diff)
		}
	}
}
