package gocmd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

// The result of a plan is tested with the unit tests that the answers leave out, whatever
// the names of the developer's own tests are.
func TestProveUnwritten(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	a := answers.Default()
	a.Normalize()
	const dir = "internal/auth"
	test := func(name, body string) string {
		return "package auth\n\nimport \"testing\"\n\nfunc " + name + "(t *testing.T) { " + body + " }\n"
	}
	files := func(answer string) []emit.File {
		return []emit.File{
			{Path: "contract_test.go", Class: emit.Generated, Data: []byte(test("TestContract", "_ = Answer"))},
			{Path: "core.go", Class: emit.Generated, Data: []byte("package auth\n\nconst Answer = " + answer + "\n")},
			{Path: "core_test.go", Class: emit.Generated, Tests: "core.go", Data: []byte(test("TestCore", "if Answer != 42 { t.Error(\"wrong\") }"))},
		}
	}
	for _, c := range []struct {
		name, answer string
		own          map[string]string // the developer's tests
		want         string            // in the error, which is nil if it is empty
	}{
		{"passes", "42", nil, ""},
		{"fails", "41", nil, "--- FAIL: TestCore"},
		{"passes beside a test with the same name", "42", map[string]string{"mine_test.go": test("TestCore", "")}, ""},
		{"fails beside a test with the same name", "41", map[string]string{"mine_test.go": test("TestCore", "")}, "wrong"},
		{"passes in place of a file with the same name", "42", map[string]string{"core_test.go": test("TestCore", "")}, ""},
		{"passes without an existing directory", "42", nil, ""},
		{"passes beside a test that fails", "42", map[string]string{"mine_test.go": test("TestMine", "t.Error(\"always\")")}, "--- FAIL: TestMine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			tree := map[string]string{"go.mod": "module example.com/app\n\ngo 1.25.0\n"}
			if c.name != "passes without an existing directory" {
				tree[dir+"/doc.go"] = "package auth\n"
			}
			for name, text := range c.own {
				tree[dir+"/"+name] = text
			}
			writeFiles(t, root, tree)
			plan, err := plan.New(os.DirFS(root), a, emit.Target{Module: "example.com/app", Templates: strings.Repeat("0", 64)}, files(c.answer), nil, plan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Prove(Package{Root: root, Module: "example.com/app", Dir: dir, Rest: true}, plan)
			switch failed, ok := errors.AsType[*Error](err); {
			case c.want == "" && err != nil, c.want != "" && !ok:
				t.Errorf("error %v", err)
			case ok && (!failed.Unproven || !strings.Contains(failed.Error(), c.want)):
				t.Errorf("unproven %t, error %v, want %q", failed.Unproven, failed, c.want)
			}
			for name, text := range c.own {
				if data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(dir), name)); err != nil || string(data) != text {
					t.Errorf("%s is %q, %v", name, data, err)
				}
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(dir), "core.go")); err == nil {
				t.Error("something was written")
			}
		})
	}
}
