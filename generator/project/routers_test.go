package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
)

// TestRouters asks real routers what becomes of routes beside those of a package. Where no
// clash is found, none of the routers may panic, and each route must answer its requests in
// whichever order they are added; where one is found, something must be wrong.
func TestRouters(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles all routers")
	}
	type route struct {
		Method, Path string
		Below        bool
	}
	type testCase struct {
		Router string
		Theirs route
		Rows   []route
	}
	var rows []route
	for _, r := range usualRows {
		rows = append(rows, route{Method: r.Method, Path: r.Path})
	}
	var cases []testCase
	for _, router := range []string{"net/http", "chi", "gorilla", "gin", "echo", "fiber"} {
		for _, method := range []string{"GET", "POST", "DELETE", ""} {
			for _, path := range []string{
				"/", "/items", "/auth", "/auth/login", "/auth/me", "/auth/other", "/auth/login/step", "/auth/{provider}", "/auth/{provider}/callback",
				"/auth/users", "/auth/users/{id}", "/auth/users/{uid}", "/auth/users/me", "/auth/users/{uid}/posts", "/auth/users/{id}/role",
				"/auth/sessions/{id}", "/auth/sessions/{sid}/more", "/{page}", "/{lang}/me", "/{a}/{b}", "/{a}/{b}/callback", "/authors/me",
			} {
				cases = append(cases, testCase{router, route{method, path, false}, rows})
			}
			for _, path := range []string{"/", "/auth", "/auth/users", "/auth/oauth", "/items"} {
				cases = append(cases, testCase{router, route{method, path, true}, rows})
			}
		}
	}
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "-modfile="+filepath.Join("templates", "adapters.mod"), "./testdata/routers")
	cmd.Dir, cmd.Stdin, cmd.Stderr = top, bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var results []struct {
		Panic   string
		Answers [2]map[string]string
	}
	if err := json.Unmarshal(out, &results); err != nil || len(results) != len(cases) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	clashing := 0
	for i, c := range cases {
		router := answers.RouterNamed(c.Router)
		their := Route{Path: c.Theirs.Path, segments: segmentsOf(c.Theirs.Path, c.Theirs.Below, &router)}
		if c.Theirs.Method != "" {
			their.Methods = []string{c.Theirs.Method}
		}
		why := ""
		if found := clashesOn(&router, "/auth", usualRows, []Route{their}); len(found) > 0 {
			why = found[0].Why
			clashing++
		}
		wrong := results[i].Panic
		for order, answered := range results[i].Answers {
			if order == 0 && router.Clashing == answers.Order && !strings.HasPrefix(c.Theirs.Path, "/auth") {
				continue // the package's routes are added before what is above its prefix
			}
			for _, request := range slices.Sorted(maps.Keys(answered)) {
				want := "theirs"
				if slices.ContainsFunc(usualRows, func(r Row) bool { return strings.ReplaceAll(r.String(), "{id}", "77") == request }) {
					want = "ours"
				}
				if who := answered[request]; who != want {
					wrong += fmt.Sprintf("%s is answered by %s; ", request, who)
				}
			}
		}
		// A route for all methods, or for everything below a path, would lose those of the
		// package's requests that are its own, although the router tells them apart.
		loses := c.Theirs.Method == "" || c.Theirs.Below
		if why == "" && wrong != "" || why != "" && wrong == "" && !loses {
			t.Errorf("%s: %+v: found %q; in fact %q", c.Router, c.Theirs, why, wrong)
		}
	}
	if clashing < 20 {
		t.Errorf("only %d cases clash", clashing)
	}
}
