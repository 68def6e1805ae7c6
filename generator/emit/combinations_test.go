package emit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/internal/directive"
	"github.com/authgen/authgen/templates"
)

// combinations calls f for every combination of answers that leads to other
// code. The name tells them apart.
func combinations(f func(name string, a answers.Answers)) {
	profiles := map[string]string{
		"none":    "",
		"public":  "display_name:string:anyone",
		"self":    "newsletter:bool:self",
		"hidden":  "karma:int:admin",
		"several": "display_name:string:anyone,phone:string:self+admin,newsletter:bool:self,karma:int:admin",
	}
	for _, session := range []string{"database", "stateless", "to database", "to stateless"} {
		for _, profile := range slices.Sorted(maps.Keys(profiles)) {
			for _, roles := range []string{"admin", "admin,member", "admin,editor,member"} {
				for features := range 1 << len(answers.FeatureNames) {
					for _, gate := range []bool{false, true} {
						a := answers.Default()
						setSession(&a, session)
						if a.Bridge != "none" && (profile != "several" || gate) {
							continue // of which it knows nothing
						}
						name := fmt.Sprintf("%s,%s,%s,gate=%t", session, profile, roles, gate)
						for i, feature := range answers.FeatureNames {
							on := features&(1<<i) != 0
							*a.Features.Field(feature) = on
							name += fmt.Sprintf(",%s=%t", feature, on)
						}
						_ = a.Set("profile", profiles[profile])
						_ = a.Set("roles", roles)
						if gate {
							a.Public, a.Protected = []string{"/login"}, []string{"/account"}
						}
						if roles == "admin,editor,member" {
							// What else is a name is tried along the way.
							a.Roles, _ = answers.ParsePermissions("editor=posts:write,member=posts:read", a.Roles)
							a.Package, a.Name, a.Prefix = "internal/login", "shop", "/api/login"
						}
						a.Normalize()
						if a.Check() != nil {
							continue // one role cannot manage the others
						}
						f(name, a)
					}
				}
			}
		}
	}
}

// setSession sets the answers about sessions to a way to keep them: that of the answer,
// "redis", or to one of them from the other.
func setSession(a *answers.Answers, way string) {
	switch way {
	case "redis":
		a.Store = "redis"
	case "to database":
		a.Bridge = "stateless"
	case "to stateless":
		a.Session, a.Bridge = "stateless", "database"
	default:
		a.Session = way
	}
}

// surroundings calls f for every combination of what the package is put into:
// router, database, driver, where sessions are, and how migrations are applied.
func surroundings(f func(name string, a answers.Answers)) {
	type place struct{ tool, dir string }
	var places []place
	for _, v := range answers.KeyNamed("migrations").Values {
		places = append(places, place{v.Name, ""})
		if v.Name == "goose" || v.Name == "plain" { // which the package then does not apply itself
			places = append(places, place{v.Name, "db/migrations"})
		}
	}
	for _, session := range []string{"database", "redis", "stateless", "to database", "to stateless"} {
		for _, router := range answers.KeyNamed("router").Values {
			for _, database := range answers.KeyNamed("database").Values {
				for _, driver := range answers.DriversFor(database.Name) {
					for _, p := range places {
						a := answers.Default()
						setSession(&a, session)
						if a.Bridge != "none" && (p.tool != "goose" || p.dir != "") {
							continue // nor is that anything to it
						}
						a.Router, a.Database, a.Driver = router.Name, database.Name, driver
						a.Migrations, a.MigrationsDir = p.tool, p.dir
						a.Normalize()
						if a.Check() != nil {
							continue // tern is for one database
						}
						f(fmt.Sprintf("%s,%s,%s,%s,%s", session, router.Name, driver, p.tool, p.dir), a)
					}
				}
			}
		}
	}
}

// TestCombinations emits every combination of answers and type-checks it with
// its tests, in this process.
func TestCombinations(t *testing.T) {
	// Nearly all that is allocated is garbage at once.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	rememberTemplates(t)
	exports := exportData(t)
	var mu sync.Mutex
	seen := make(map[string]bool) // most mistakes show in many combinations
	report := func(name string, err error) {
		mu.Lock()
		defer mu.Unlock()
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !seen[line] {
				seen[line] = true
				t.Errorf("%s\n\t%s", line, name)
			}
		}
	}
	type combination struct {
		name string
		a    answers.Answers
	}
	work := make(chan combination)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			checker := newEmissionChecker(exports)
			for c := range work {
				files, err := Package(templates.FS, c.a, Target{Module: "example.com/app"})
				if err == nil {
					err = checker.check(c.a, files)
				}
				if err != nil {
					report(c.name, err)
				}
			}
		})
	}
	count := func(combinations func(func(string, answers.Answers))) (n int) {
		combinations(func(name string, a answers.Answers) {
			if n++; !testing.Short() || n%20 == 1 {
				work <- combination{name, a}
			}
		})
		return n
	}
	inside := count(combinations)
	outside := count(surroundings)
	close(work)
	workers.Wait()
	t.Logf("%d combinations of what is in it, %d of what it is in", inside, outside)
	if inside < 500 || outside < 1000 {
		t.Error("these are too few")
	}
}

// rememberTemplates makes Emit remember what it makes of a template, until the test
// ends. That depends on the values of the tags that the template names, and on all
// other options.
func rememberTemplates(t *testing.T) {
	type result struct {
		f   directive.File
		ok  bool
		err error
	}
	var results sync.Map
	forget := specialise
	t.Cleanup(func() { specialise = forget })
	specialise = func(name string, source []byte, o directive.Options) (directive.File, bool, error) {
		key := sha256.New()
		fmt.Fprint(key, name, "\n", o.Packages, o.Values, o.Imports, o.Exprs, o.Words, o.NumberPlaceholders)
		for line := range bytes.Lines(source) {
			if _, expr, ok := bytes.Cut(line, []byte("authgen:if ")); ok {
				for word := range bytes.FieldsFuncSeq(expr, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
					fmt.Fprint(key, o.Tags[string(word)])
				}
			}
		}
		key.Write(source)
		sum := [sha256.Size]byte(key.Sum(nil))
		if r, ok := results.Load(sum); ok {
			return r.(result).f, r.(result).ok, r.(result).err
		}
		var r result
		r.f, r.ok, r.err = forget(name, source, o)
		results.Store(sum, r)
		return r.f, r.ok, r.err
	}
}

// TestSurroundings counts the combinations that TestCombinations checks.
func TestSurroundings(t *testing.T) {
	inside, outside := 0, 0
	combinations(func(string, answers.Answers) { inside++ })
	surroundings(func(string, answers.Answers) { outside++ })
	t.Logf("%d combinations of what a package holds, %d of what it is put into", inside, outside)
	// 3 ways to keep sessions, 8 routers, 7 ways for each of the 6 drivers, and tern
	// for two. Two switches between ways, for each router and driver.
	if want := 3*8*(7*6+2) + 2*8*6; outside != want {
		t.Errorf("%d combinations, want %d", outside, want)
	}
}
