package emit

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

// The directory of a file says whose it is: files outside of the application's side are
// replaced on a rerun.
func TestClassesFollowDirectories(t *testing.T) {
	for _, session := range []string{"database", "stateless"} {
		a := templateAnswers()
		a.Package, a.Session, a.Migrations = "internal/auth", session, "atlas"
		files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			want := []Class{Generated}
			switch dir, _, _ := strings.Cut(f.Path, "/"); {
			case f.Path == "authweb/hooks.go":
				want = []Class{Once}
			case dir == "authweb":
				want = []Class{Yours}
			case dir == "migrations":
				want = []Class{Migration, Yours} // the sums of Atlas change with each
			}
			if !slices.Contains(want, f.Class) {
				t.Errorf("%s is %s, want %s", f.Path, f.Class, want)
			}
			if f.Tests != "" && f.Class != Generated {
				t.Errorf("%s is the unit test of %s, and %s", f.Path, f.Tests, f.Class)
			}
		}
	}
}

// The other packages are named after the core, and the names from the templates are gone.
func TestPackagesAreRenamed(t *testing.T) {
	left := regexp.MustCompile(`(^|[^.\w])auth\.[A-Z]|\bauth(web|test)\b|\bpackage auth\b|"auth: `)
	a := templateAnswers()
	a.Package, a.PackageName, a.Name = "internal/admin", "adminauth", "admin"
	files := emitted(t, a)
	for name, text := range files {
		if path.Base(name) == "authgen.yaml" {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			if found := left.FindString(line); found != "" {
				t.Errorf("%s:%d: %q in %s", name, i+1, found, line)
			}
		}
	}
	for name, want := range map[string]string{
		"doc.go":                    "\npackage adminauth\n",
		"adminauthweb/routes.go":    "\nimport adminauth \"example.com/app/internal/admin\"\n",
		"adminauthtest/authtest.go": "\npackage adminauthtest\n",
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("no %q in %s:\n%.500s", want, name, files[name])
		}
	}
	for name := range files {
		if dir, _, _ := strings.Cut(name, "/"); dir == templateWeb || dir == templateTest {
			t.Errorf("%s is in a directory of the templates", name)
		}
	}
}

// Handlers, routes and their tests are the same for all routers. Only the file that builds
// the application for the tests differs.
func TestApplicationSideIsTheSameForAllRouters(t *testing.T) {
	for _, session := range []string{"database", "stateless"} {
		var first map[string]string
		for _, router := range answers.KeyNamed("router").Values {
			a := templateAnswers()
			a.Package, a.Session, a.Router = "internal/auth", session, router.Name
			a.Normalize()
			side := emitted(t, a)
			maps.DeleteFunc(side, func(name, _ string) bool {
				return path.Dir(name) != "authweb" || path.Base(name) == "application_test.go"
			})
			if first == nil {
				first = side
			}
			if diff := cmp.Diff(first, side); diff != "" || len(side) < 5 {
				t.Errorf("%s: %d files\n%s", router.Name, len(side), diff)
			}
		}
	}
}

// Code for a router is in its adapter. Directives in a template for all routers name the
// reason for a difference, not the router.
func TestNoDirectiveNamesARouter(t *testing.T) {
	var tags []string
	for _, r := range answers.Routers {
		tags = append(tags, r.Names()...)
	}
	routers := regexp.MustCompile(`\b(` + strings.Join(tags, "|") + `)\b`)
	n := 0
	err := fs.WalkDir(templates.FS, templatePackage, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(source), "\n") {
			_, expr, ok := strings.Cut(line, "authgen:if ")
			if !ok {
				continue
			}
			n++
			if router := routers.FindString(expr); router != "" {
				t.Errorf("%s:%d: the directive names %s; move the code to templates/adapters/%[3]s", name, i+1, router)
			}
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Errorf("%d directives, error %v", n, err)
	}
}

// A unit test needs only its own file, the package, and tests that are always emitted:
// owning a file adds its own test, and no other.
func TestUnitTestsStandAlone(t *testing.T) {
	checker := newEmissionChecker(exportData(t))
	for _, session := range []string{"database", "stateless"} {
		a := templateAnswers()
		a.Package, a.Session = "internal/auth", session
		files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
		if err != nil {
			t.Fatal(err)
		}
		var always, units []File
		for _, f := range files {
			switch dir := path.Dir(f.Path); {
			case f.Tests != "":
				units = append(units, f)
			case dir == "." || strings.HasPrefix(dir, "internal/"):
				always = append(always, f)
			}
		}
		if len(units) < 5 {
			t.Errorf("%d unit tests", len(units))
		}
		if err := checker.check(a, always); err != nil {
			t.Errorf("%s, without unit tests: %v", session, err)
		}
		for _, f := range units {
			if err := checker.check(a, append(slices.Clip(always), f)); err != nil {
				t.Errorf("%s, with %s: %v", session, f.Path, err)
			}
		}
	}
}

// The core and its tests compile without the application's side.
func TestCoreStandsAlone(t *testing.T) {
	checker := newEmissionChecker(exportData(t))
	for _, session := range []string{"database", "stateless"} {
		a := templateAnswers()
		a.Package, a.Session = "internal/auth", session
		files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
		if err != nil {
			t.Fatal(err)
		}
		core := slices.DeleteFunc(files, func(f File) bool { return path.Dir(f.Path) == "authweb" })
		if err := checker.check(a, core); err != nil {
			t.Errorf("%s: %v", session, err)
		}
	}
}
