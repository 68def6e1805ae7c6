package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/txtar"
)

// TestLoadProject loads each module tree in testdata, and compares a summary of the result
// with the file "want" in the archive. The comment of the archive says what it is about.
func TestLoadProject(t *testing.T) { compareWanted(t, "testdata/*.txtar", summary) }

// compareWanted loads each module tree in archives, and compares what a function says of it
// with the file "want" in the archive.
func compareWanted(t *testing.T, pattern string, of func(*Project) string) {
	forEachArchive(t, pattern, func(t *testing.T, p *Project, archive *archiveFile) {
		got := of(p)
		if *update {
			archive.want.Data = []byte(got)
			if err := os.WriteFile(archive.name, txtar.Format(archive.Archive), 0o666); err != nil {
				t.Fatal(err)
			}
			return
		}
		if diff := cmp.Diff(string(archive.want.Data), got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", archive.name, diff)
		}
	})
}

// An archiveFile is a module tree in a file, with what is wanted of it.
type archiveFile struct {
	*txtar.Archive
	name string
	want *txtar.File
}

// forEachArchive loads each module tree in archives that match a pattern.
func forEachArchive(t *testing.T, pattern string, test func(*testing.T, *Project, *archiveFile)) {
	archives, err := filepath.Glob(pattern)
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			if i < 0 {
				t.Fatal(`no file "want"`)
			}
			p, err := Load(writeTree(t, slices.Delete(slices.Clone(archive.Files), i, i+1)))
			if err != nil {
				t.Fatal(err)
			}
			test(t, p, &archiveFile{archive, name, &archive.Files[i]})
		})
	}
}

// summary returns the findings in a form to read and to compare.
func summary(p *Project) string {
	var b strings.Builder
	answer := func(name, value string, ok bool) {
		if !ok {
			value = "?"
		}
		fmt.Fprintf(&b, "%s: %s\n", name, value)
	}
	router, ok := p.Router()
	answer("router", router, ok)
	database, ok := p.Database()
	answer("database", database, ok)
	driver, ok := p.Driver(database)
	answer("driver", driver, ok)
	if router != "" {
		m := p.MountPoint(router, database, driver)
		answer("mount", fmt.Sprintf("%s after %s: %s", m.Pos, m.After, m.Variable), m.Pos.File != "")
		for _, line := range []struct {
			name, text string
			is         bool
		}{
			{"unclear", m.Unclear, m.Unclear != ""},
			{"late", "", m.Late},
			{"served", m.Served.Text + " " + m.Served.Pos.String(), m.Served.Text != ""},
			{"new", "", m.New},
			{"instead of", m.Handler, m.Handler != "" && m.Handler != m.Variable},
			{"timeouts", "", m.Timeouts},
			{"handle", m.Handle.Expr + " of " + m.Handle.Name, m.Handle.Expr != ""},
			{"opened", m.Handle.Opened.Text + " " + m.Handle.Opened.Pos.String(), m.Handle.Opened.Text != ""},
			{"variable", m.Handle.Variable, m.Handle.Variable != ""},
			{"hidden", m.Handle.Hidden, m.Handle.Hidden != ""},
			{"context", m.Context, m.Context != ""},
			{"returns", m.Returns, m.Returns != ""},
		} {
			if line.is {
				fmt.Fprintln(&b, strings.TrimRight("  "+line.name+": "+line.text, ": "))
			}
		}
	}
	for _, e := range p.Serves {
		fmt.Fprintf(&b, "serves: %s %s\n", e.Pos, e.Text)
	}
	now := time.Date(2026, 11, 24, 8, 15, 0, 0, time.UTC)
	for _, m := range p.Migrations {
		fmt.Fprintf(&b, "migrations: %s %s next %s by %s %s\n", m.Dir, m.Tool, m.Next(now), m.Evidence.Pos, m.Evidence.Text)
	}
	if len(p.Instances) > 0 {
		fmt.Fprintf(&b, "instances: %s\n", strings.Join(p.Instances, " "))
	}
	for _, c := range p.Databases {
		for _, e := range c.Evidence {
			if e.Kind == ByName || e.Kind == ByConfig || e.Kind == BySource {
				fmt.Fprintf(&b, "%s: %s %s %s\n", c.Name, e.Kind, e.Pos, e.Text)
			}
		}
	}
	for _, c := range slices.Concat(p.OtherRouters, p.OtherDatabases, p.SQL) {
		fmt.Fprintf(&b, "%s: %s %s %s\n", c.Name, c.Evidence[0].Kind, c.Evidence[0].Pos, c.Evidence[0].Text)
	}
	for _, c := range slices.Concat(p.Routers, p.Drivers, p.Stores) {
		fmt.Fprintln(&b)
		fmt.Fprintln(&b, strings.Join(slices.DeleteFunc([]string{c.Name, c.Module, c.Version, c.Database},
			func(s string) bool { return s == "" }), " "))
		for _, e := range c.Evidence {
			fmt.Fprintf(&b, "  %s %s %s", e.Kind, e.Pos, e.Text)
			if e.Main {
				b.WriteString(" main")
			}
			if e.Test {
				b.WriteString(" test")
			}
			fmt.Fprintln(&b)
		}
	}
	return b.String()
}

// writeTree writes files below a new directory and returns it.
func writeTree(t testing.TB, files []txtar.File) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range files {
		name := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// moduleRoot returns a directory that has only a go.mod.
func moduleRoot(t *testing.T, gomod string) string {
	t.Helper()
	return writeTree(t, []txtar.File{{Name: "go.mod", Data: []byte(gomod)}})
}

func TestLoadProjectFacts(t *testing.T) {
	const gomod = `module example.com/app

go 1.25.3

toolchain go1.26.0

require (
	github.com/go-chi/chi/v5 v5.2.0
	golang.org/x/crypto v0.41.0 // indirect
)

require golang.org/x/sys v0.35.0

replace golang.org/x/sys => ../sys

tool (
	golang.org/x/tools/cmd/stringer
	github.com/authgen/authgen/cmd/authgen
)

directive of a later release
`
	root := writeTree(t, []txtar.File{
		{Name: "go.mod", Data: []byte(gomod)},
		{Name: ".git", Data: []byte("gitdir: ../other\n")},
		{Name: "vendor/modules.txt"},
		{Name: "cmd/app/main.go", Data: []byte("package main\n")},
		{Name: "internal/auth/authgen.yaml"},
		{Name: "internal/adminauth/authgen.yaml"},
	})
	got, err := Load(filepath.Join(root, "cmd", "app"))
	if err != nil {
		t.Fatal(err)
	}
	want := &Project{
		Root:      root,
		Module:    "example.com/app",
		GoVersion: "1.25.3",
		Git:       true,
		Vendored:  true,
		Tool:      true,
		Routers: []Candidate{{
			Name:    "chi",
			Module:  "github.com/go-chi/chi/v5",
			Version: "v5.2.0",
			Evidence: []Evidence{{
				Pos:  Position{File: "go.mod", Line: 8},
				Kind: ByRequire,
				Text: "github.com/go-chi/chi/v5 v5.2.0",
			}},
		}},
		Requires: map[string]Requirement{
			"github.com/go-chi/chi/v5": {Version: "v5.2.0", Line: 8},
			"golang.org/x/crypto":      {Version: "v0.41.0", Line: 9, Indirect: true},
			"golang.org/x/sys":         {Version: "v0.35.0", Line: 12, Replaced: &Replacement{Old: "golang.org/x/sys", Line: 14}},
		},
		Instances: []string{"internal/adminauth", "internal/auth"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Project{})); diff != "" {
		t.Errorf("project differs (-want +got):\n%s", diff)
	}
}

func TestLoadProjectTool(t *testing.T) {
	for _, tt := range []struct {
		lines string
		want  bool
	}{
		{"tool github.com/authgen/authgen/cmd/authgen", true},
		{`tool "github.com/authgen/authgen/cmd/authgen"`, true},
		{"tool github.com/authgen/authgen/cmd/other", false},
		{"require github.com/authgen/authgen v1.0.0", false},
		{"exclude github.com/authgen/authgen/cmd/authgen v1.0.0", false},
		{"tool (\n)", false},
		{"", false},
	} {
		p, err := Load(moduleRoot(t, "module example.com/app\n\ngo 1.26.0\n\n"+tt.lines+"\n"))
		if err != nil {
			t.Errorf("%q: %v", tt.lines, err)
			continue
		}
		if p.Tool != tt.want {
			t.Errorf("%q: Tool = %t, want %t", tt.lines, p.Tool, tt.want)
		}
	}
}

func TestLoadProjectGoVersions(t *testing.T) {
	for _, v := range []string{"1.25", "1.25rc1", "1.25.0", "1.26rc1", "1.26.2", "1.27"} {
		p, err := Load(moduleRoot(t, "module example.com/app\n\ngo "+v+"\n"))
		if err != nil {
			t.Errorf("go %s: %v", v, err)
			continue
		}
		if p.GoVersion != v {
			t.Errorf("go %s: GoVersion = %q", v, p.GoVersion)
		}
	}
}

func TestLoadProjectErrors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []txtar.File
		want  string // with ROOT for the directory
	}{
		{
			name: "no module",
			want: `ROOT: no go.mod here or above: run "go mod init example.com/app" first, or "authgen new DIR"`,
		},
		{
			name:  "go.mod is a directory",
			files: []txtar.File{{Name: "go.mod/x"}},
			want:  `ROOT: no go.mod here or above: run "go mod init example.com/app" first, or "authgen new DIR"`,
		},
		{
			name:  "module below",
			files: []txtar.File{{Name: "backend/go.mod"}, {Name: "node_modules/x/go.mod"}},
			want:  "ROOT: no go.mod here or above: run authgen in ./backend",
		},
		{
			name:  "modules below",
			files: []txtar.File{{Name: "b/go.mod"}, {Name: "a/c/go.mod"}},
			want:  "ROOT: no go.mod here or above: run authgen in one of ./b, ./a/c",
		},
		{
			name:  "workspace",
			files: []txtar.File{{Name: "go.work", Data: []byte("go 1.26.0\n\nuse (\n\t./api\n\t./web\n)\n")}},
			want:  "ROOT/go.work: a workspace, not a module: run authgen in one of ./api, ./web",
		},
		{
			name:  "empty workspace",
			files: []txtar.File{{Name: "go.work", Data: []byte("go 1.26.0\n")}},
			want:  `ROOT/go.work: a workspace without modules: run "go mod init example.com/app" first`,
		},
		{
			name:  "no go line",
			files: []txtar.File{{Name: "go.mod", Data: []byte("// An old one.\nmodule example.com/app\n")}},
			want:  `ROOT/go.mod:2: no go line for the module: run "go mod edit -go=1.25.0"`,
		},
		{
			name:  "old go line",
			files: []txtar.File{{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.24.9\n")}},
			want:  `ROOT/go.mod:3: go 1.24.9 is too old, emitted code needs go 1.25 or later: run "go mod edit -go=1.25.0"`,
		},
		{
			name:  "no module line",
			files: []txtar.File{{Name: "go.mod", Data: []byte("go 1.26.0\n")}},
			want:  `ROOT/go.mod: no module line: run "go mod edit -module=example.com/app"`,
		},
		{
			name:  "syntax",
			files: []txtar.File{{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.26.0\n\nrequire (\n")}},
			want:  "ROOT/go.mod:6: syntax error (unterminated block started at ROOT/go.mod:5:1)",
		},
		{
			name:  "bad requirement",
			files: []txtar.File{{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.26.0\n\nrequire example.com/x\n")}},
			want:  "ROOT/go.mod:5: usage: require module/path v1.2.3",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := writeTree(t, tt.files)
			_, err := Load(root)
			if err == nil {
				t.Fatal("no error")
			}
			got := filepath.ToSlash(strings.ReplaceAll(err.Error(), root, "ROOT"))
			if got != tt.want {
				t.Errorf("error differs\n got: %s\nwant: %s", got, tt.want)
			}
		})
	}
}

func TestLoadProjectNotADirectory(t *testing.T) {
	file := filepath.Join(moduleRoot(t, "module example.com/app\n\ngo 1.26.0\n"), "go.mod")
	for _, dir := range []string{file, filepath.Join(t.TempDir(), "missing")} {
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("Load(%q) = %v, want an error that names it", dir, err)
		}
	}
}

// A module may be in a workspace.
func TestLoadProjectInWorkspace(t *testing.T) {
	root := writeTree(t, []txtar.File{
		{Name: "go.work", Data: []byte("go 1.26.0\n\nuse ./api\n")},
		{Name: "api/go.mod", Data: []byte("module example.com/api\n\ngo 1.26.0\n")},
	})
	p, err := Load(filepath.Join(root, "api"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(root, "api"); p.Root != want || p.Module != "example.com/api" {
		t.Errorf("got root %s of %s, want %s of example.com/api", p.Root, p.Module, want)
	}
}

func TestLoadProjectUnreadable(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("this user or this system ignores permissions")
	}
	const chi = "package app\n\nimport \"github.com/go-chi/chi/v5\"\n\nvar R = chi.NewRouter()\n"
	files := []txtar.File{
		{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.26.0\n")},
		{Name: "app/app.go", Data: []byte(chi)},
		{Name: "data/other.go", Data: []byte(chi)},
		{Name: "secret.go", Data: []byte(chi)},
	}

	t.Run("below the root", func(t *testing.T) {
		root := writeTree(t, files)
		chmod(t, filepath.Join(root, "data"), 0)
		chmod(t, filepath.Join(root, "secret.go"), 0)
		p, err := Load(root)
		if err != nil {
			t.Fatal(err)
		}
		if e := p.Routers[0].Evidence; len(e) != 2 || e[0].Pos != (Position{"app/app.go", 5}) {
			t.Errorf("routers = %v, want the constructor and the import in app/app.go", p.Routers)
		}
	})
	for _, name := range []string{".", "go.mod"} {
		t.Run(name, func(t *testing.T) {
			root := writeTree(t, files)
			chmod(t, filepath.Join(root, name), 0)
			_, err := Load(root)
			if !errors.Is(err, fs.ErrPermission) {
				t.Fatalf("error = %v, want permission denied", err)
			}
			if !strings.Contains(err.Error(), root) {
				t.Errorf("%v: does not name %s", err, root)
			}
		})
	}
}

// chmod changes the mode of name until the end of the test.
func chmod(t *testing.T, name string, mode os.FileMode) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(name, info.Mode().Perm()) })
}

func TestLoadProjectSymlinks(t *testing.T) {
	const source = "package app\n\nimport \"%s\"\n\nvar R = %s\n"
	outside := writeTree(t, []txtar.File{
		{Name: "gin.go", Data: fmt.Appendf(nil, source, "github.com/gin-gonic/gin", "gin.New()")},
		{Name: "dir/echo.go", Data: fmt.Appendf(nil, source, "github.com/labstack/echo/v5", "echo.New()")},
	})
	root := writeTree(t, []txtar.File{
		{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.26.0\n")},
		{Name: "shared/chi.txt", Data: fmt.Appendf(nil, source, "github.com/go-chi/chi/v5", "chi.NewMux()")},
	})
	for link, target := range map[string]string{
		"gin.go":  filepath.Join(outside, "gin.go"),
		"dir":     filepath.Join(outside, "dir"),
		"loop":    ".",
		"gone.go": "nowhere.go",
		"dir.go":  "shared",
		"chi.go":  filepath.Join("shared", "chi.txt"),
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Skip(err)
		}
	}
	p, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	want := "router: chi\ndatabase: ?\ndriver: ?\nmount: ?\n  unclear: no function uses R, which chi.NewMux at chi.go:5 makes\n" + `
chi github.com/go-chi/chi/v5
  constructor chi.go:5 chi.NewMux
  import chi.go:3 github.com/go-chi/chi/v5
`
	if diff := cmp.Diff(want, summary(p)); diff != "" {
		t.Errorf("summary differs (-want +got):\n%s", diff)
	}
}

// layered writes a module with 400 files in the layers of a usual application: a main and a
// router, and handlers, services, stores and models for 100 subjects. They have 90,000
// lines.
func layered(b *testing.B) string {
	files := []txtar.File{{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.26.0\n\nrequire github.com/go-chi/chi/v5 v5.5.0\n")}}
	add := func(name, source string) { files = append(files, txtar.File{Name: name, Data: []byte(source)}) }
	var handlers, imports strings.Builder
	for i := range 100 {
		body := func(of string) string {
			var src strings.Builder
			for j := range 20 {
				fmt.Fprintf(&src, `
// %[1]s%[2]d does step %[2]d of what has to be done, and returns what came of it.
func %[1]s%[2]d(ctx context.Context, n int) (string, error) {
	if n < 0 {
		return "", fmt.Errorf("n is %%d, want at least 0", n)
	}
	s := []int{n, n + 1, n + 2}
	for i, v := range s {
		s[i] = v * len(s)
	}
	return fmt.Sprint(s[n%%3], "of", len(s)), nil
}
`, of, j)
			}
			return src.String()
		}
		subject := fmt.Sprintf("subject%d", i)
		add("internal/models/"+subject+".go", "package models\n\nimport (\n\t\"context\"\n\t\"fmt\"\n)\n\n"+fmt.Sprintf("type Subject%d struct{ ID int }\n", i)+body(fmt.Sprintf("model%d", i)))
		add("internal/stores/"+subject+"/store.go", `package `+subject+`

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

type Store struct{ db *gorm.DB }

func Open(db *gorm.DB) *Store { return &Store{db: db} }
`+body("step"))
		add("internal/services/"+subject+"/service.go", `package `+subject+`

import (
	"context"
	"fmt"

	store "example.com/app/internal/stores/`+subject+`"
)

type Service struct{ store *store.Store }

func New(s *store.Store) *Service { return &Service{store: s} }
`+body("step"))
		add("internal/handlers/"+subject+"/handler.go", `package `+subject+`

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"
)

type Handler struct{}

func (h *Handler) Routes() http.Handler {
	r := chi.NewRouter()
	r.Get("/", h.list)
	return r
}

func (h *Handler) list(w http.ResponseWriter, r *http.Request) {}
`+body("step"))
		fmt.Fprintf(&imports, "\t%s \"example.com/app/internal/handlers/%[1]s\"\n", subject)
		fmt.Fprintf(&handlers, "\tr.Mount(\"/%s\", new(%[1]s.Handler).Routes())\n", subject)
	}
	add("internal/server/server.go", `package server

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"gorm.io/gorm"

`+imports.String()+`)

func New(db *gorm.DB) http.Handler {
	r := chi.NewRouter()
`+handlers.String()+`	return r
}
`)
	add("cmd/app/main.go", `package main

import (
	"net/http"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"example.com/app/internal/server"
)

func main() {
	db, err := gorm.Open(postgres.Open("postgres://localhost/app"), &gorm.Config{})
	if err != nil {
		panic(err)
	}
	panic(http.ListenAndServe(":8080", server.New(db)))
}
`)
	return writeTree(b, files)
}

// BenchmarkSurvey surveys the module that layered writes.
func BenchmarkSurvey(b *testing.B) {
	root := layered(b)
	for b.Loop() {
		b.StopTimer()
		p, err := Open(root)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := p.Survey(); err != nil {
			b.Fatal(err)
		}
		if m := p.MountPoint("chi", "postgres", "github.com/jackc/pgx/v5"); m.Handle.Expr != "db" {
			b.Fatalf("%+v", m)
		}
	}
}

// BenchmarkClashes looks for what a package could clash with in the module that layered
// writes, after the survey.
func BenchmarkClashes(b *testing.B) {
	root := layered(b)
	for b.Loop() {
		b.StopTimer()
		p, err := Load(root)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if found := p.RouteClashes("chi", "/subject1", []Row{{"GET", "/subject1/"}}); len(found) != 1 {
			b.Fatalf("%v", found)
		}
		p.Relations("postgres", []string{"auth_users", "auth_sessions"})
		p.Cookies()
	}
}
