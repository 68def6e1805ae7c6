package doctor

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/project"
	"github.com/authgen/authgen/templates"
)

// In the applications of the tests of package project, with the lines that authgen init
// prints, nothing is found but what the lines leave to the developer.
func TestPastedLines(t *testing.T) {
	archives, err := filepath.Glob("../../../../generator/project/testdata/app_*.txtar")
	if err != nil || len(archives) < 10 {
		t.Fatalf("%d archives, %v", len(archives), err)
	}
	mounted := 0
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := make(map[string]string)
			for _, f := range archive.Files {
				files[f.Name] = string(f.Data)
			}
			root := t.TempDir()
			write(t, root, files)
			p, err := project.Load(root)
			if err != nil {
				t.Fatal(err)
			}
			a := answers.Default()
			if router, ok := p.Router(); ok {
				a.Router = router
			}
			for _, d := range p.UsedDatabases() {
				a.Database = d.Name
			}
			a.Driver = answers.DriversFor(a.Database)[0]
			if driver, ok := p.Driver(a.Database); ok {
				a.Driver = driver
			}
			a.Normalize()
			w := emit.Wire(p, a)
			if w.Mount.Pos.File == "" {
				return
			}
			mounted++
			lines := strings.Split(files[w.Mount.Pos.File], "\n")
			imports, code := "", w.Code
			if before, after, ok := strings.Cut(w.Code, "\n)\n"); ok && strings.HasPrefix(w.Code, "import (") {
				imports, code = before+"\n)\n", after
			}
			text := strings.Join(lines[:w.Mount.Pos.Line], "\n") + "\n" + code + strings.Join(lines[w.Mount.Pos.Line:], "\n")
			clause := regexp.MustCompile(`(?m)^package .*$`).FindStringIndex(text)
			files[w.Mount.Pos.File] = text[:clause[1]] + "\n" + imports + text[clause[1]:]
			files[a.Package+"/"+answers.FileName] = "version: 1\n"
			write(t, root, files)
			left := []string{"gate-without-page", "no-wait"}
			if w.Serve {
				left = append(left, "no-middleware")
			}
			if !w.Mount.Timeouts {
				left = append(left, "no-server-timeouts")
			}
			if w.Mount.Late {
				left = append(left, "middleware-after-routes")
			}
			for _, f := range lookAt(t, root, a) {
				if !slices.Contains(left, f.ID) {
					t.Errorf("%+v\n%s", f, w.Code)
				}
			}
		})
	}
	if mounted < 15 {
		t.Errorf("only %d were mounted on", mounted)
	}
}

// The tables of docs/doctor.md have a row for each check, and for each fault that the
// package may find.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/doctor.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := make(map[string]string)
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (.*?) \\|").FindAllStringSubmatch(string(text), -1) {
		documented[m[1]] = m[2]
	}
	want := make(map[string]string)
	for _, c := range Checks {
		if want[c.ID] != "" {
			t.Errorf("two checks have the id %s", c.ID)
		}
		want[c.ID] = c.What
	}
	id := regexp.MustCompile(`\.add\("(database-[a-z-]+)"`)
	err = fs.WalkDir(templates.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(templates.FS, name)
		for _, m := range id.FindAllSubmatch(source, -1) {
			want[string(m[1])] = documented[string(m[1])]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < len(Checks)+15 {
		t.Errorf("only %d ids", len(want))
	}
	if diff := cmp.Diff(want, documented); diff != "" {
		t.Errorf("(-want +documented)\n%s", diff)
	}
	for id, what := range want {
		if what == "" {
			t.Errorf("%s is not documented", id)
		}
	}
}

// Nothing that the checks say has a value of a .env file in it.
func TestNoValues(t *testing.T) {
	files := goodApp(t, answers.Routers[0].Name)
	files[".env"] = "AUTH_KEYS=verysecret\nexport OTHER=\"verysecret\"\nverysecret\n"
	files[".git/HEAD"] = "ref: x\n"
	files[".gitignore"] = ""
	found := look(t, answersFor(answers.Routers[0].Name), files)
	if len(found) != 1 {
		t.Errorf("%d findings, want 1", len(found))
	}
	for _, f := range found {
		if strings.Contains(f.Text+f.Remedy, "verysecret") {
			t.Errorf("it has a value: %+v", f)
		}
	}
}

// Nothing is said about an application with a file that does not parse.
func TestBroken(t *testing.T) {
	root := t.TempDir()
	files := goodApp(t, answers.Routers[0].Name)
	files["main.go"] += "\nfunc {\n"
	write(t, root, files)
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := Look(p, answersFor(answers.Routers[0].Name), os.DirFS(root)); err == nil || !strings.HasPrefix(err.Error(), "main.go: ") {
		t.Errorf("%v, error %v; want one that names the file", found, err)
	}
}
