package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/examples"
	"github.com/authgen/authgen/generator/older"
	"github.com/authgen/authgen/generator/plan"
)

var allArchives = flag.Bool("archives.all", false, "vet and test what every upgrade of an archive leads to")

// olderVersion is a version that packages are upgraded from.
type olderVersion struct {
	name    string
	project func(example string) (fstest.MapFS, error)
}

// olderVersions returns the released versions before this one, and the invented one.
func olderVersions(t *testing.T) []olderVersion {
	t.Helper()
	all := []olderVersion{{older.Version, olderProject}}
	for _, version := range releasedVersions(t) {
		if version == generator.Version {
			continue
		}
		all = append(all, olderVersion{version, func(example string) (fstest.MapFS, error) {
			return archivedProject(version, example)
		}})
	}
	return all
}

// TestUpgradeArchives upgrades the examples as older versions wrote them. One that
// nobody edited becomes what is emitted now. In one that somebody edited, the edits are
// kept, or the upgrade changes nothing and names the files in conflict.
func TestUpgradeArchives(t *testing.T) {
	if testing.Short() {
		t.Skip("upgrades many packages")
	}
	t.Parallel()
	for _, version := range olderVersions(t) {
		for _, e := range examples.All {
			t.Run(version.name+"/"+e.Name, func(t *testing.T) {
				t.Parallel()
				project, err := version.project(e.Name)
				if err != nil {
					t.Fatal(err)
				}
				t.Run("Untouched", func(t *testing.T) { testUpgradeUntouched(t, e, project) })
				t.Run("Edited", func(t *testing.T) { testUpgradeEdited(t, e, project) })
			})
		}
	}
}

// packageDir is the directory of the package in the projects of the examples.
const packageDir = "internal/auth"

func testUpgradeUntouched(t *testing.T, e examples.Example, project fstest.MapFS) {
	dir := t.TempDir()
	writeModule(t, dir, project)
	authgenIn(t, dir, exitDone, "upgrade", "--no-verify")
	authgenIn(t, dir, exitDone, "check", "--emit")
	got := readTree(t, filepath.Join(dir, packageDir))
	now, err := sampleProject(e.Name)
	if err != nil {
		t.Fatal(err)
	}
	if got[answers.FileName] != string(now[path.Join(packageDir, answers.FileName)].Data) {
		return // an answer was kept that is not the default any more
	}
	// Migrations never change, nor does what is written once. The lock also remembers
	// files that are gone.
	left := map[string]bool{plan.LockFile: true}
	for _, m := range lockedFile.FindAllStringSubmatch(got[plan.LockFile], -1) {
		left[m[1]] = m[2] == "migration" || m[2] == "once"
	}
	for name, f := range now {
		below, ok := strings.CutPrefix(name, packageDir+"/")
		if !ok || f.Mode.IsDir() || left[below] {
			continue
		}
		if text := got[filepath.FromSlash(below)]; text != string(f.Data) {
			t.Errorf("%s is not what is emitted now", name)
		}
	}
}

// addedRoute is a route that somebody added.
const addedRoute = `{Name: "mine", Method: "GET", Path: prefix + "/mine", Handler: h.me},`

// editsOf returns edits for each file in a package that is the developer's, by the path
// in the module: what is added at the end, and what replaces a text.
func editsOf(t *testing.T, project fstest.MapFS) map[string]func(string) string {
	t.Helper()
	lock, ok := project[path.Join(packageDir, plan.LockFile)]
	if !ok {
		t.Fatal("no lock")
	}
	edits := make(map[string]func(string) string)
	for i, m := range lockedFile.FindAllStringSubmatch(string(lock.Data), -1) {
		name, class := m[1], m[2]
		if class != "yours" && class != "once" || path.Ext(name) != ".go" {
			continue
		}
		edits[path.Join(packageDir, name)] = func(text string) string {
			switch path.Base(name) {
			case "routes.go":
				const end = "\n\t}\n}\n" // of the table
				text = strings.Replace(text, end, "\n\t\t"+addedRoute+end, 1)
				text = strings.Replace(text, `prefix + "/login"`, `prefix + "/enter"`, 1)
			case "handlers_login.go":
				text = strings.Replace(text, "\nfunc ", "\n// Mine.\nfunc ", 1)
			}
			return text + fmt.Sprintf("\n// mine%[1]d is an edit.\nfunc mine%[1]d() {}\n\nvar _ = mine%[1]d\n", i)
		}
	}
	if len(edits) == 0 {
		t.Fatal("the lock lists no file that is the developer's")
	}
	return edits
}

func testUpgradeEdited(t *testing.T, e examples.Example, project fstest.MapFS) {
	edited := maps.Clone(project)
	edits := editsOf(t, project)
	for name, edit := range edits {
		f := project[name]
		edited[name] = &fstest.MapFile{Data: []byte(edit(string(f.Data))), Mode: f.Mode}
	}
	dir := t.TempDir()
	writeModule(t, dir, edited)
	before := readTree(t, dir)
	switch status, stderr := runAuthgen("upgrade", "--no-verify", "-C", dir); status {
	case exitDone:
	case exitConflicts:
		named := slices.ContainsFunc(slices.Collect(maps.Keys(edits)), func(name string) bool { return strings.Contains(stderr, name) })
		if !named {
			t.Errorf("the conflict names no file:\n%s", stderr)
		}
		if !maps.Equal(before, readTree(t, dir)) {
			t.Error("a conflict changed files")
		}
		t.Logf("conflict:\n%s", stderr)
		return
	default:
		t.Fatalf("authgen upgrade exits with %d:\n%s", status, stderr)
	}
	after := readTree(t, dir)
	for i, name := range slices.Sorted(maps.Keys(edits)) {
		text := after[filepath.FromSlash(name)]
		if !strings.Contains(text, " is an edit.\nfunc mine") {
			t.Errorf("%d: %s lost its edit", i, name)
		}
		if path.Base(name) == "routes.go" && (!strings.Contains(text, addedRoute) || !strings.Contains(text, `prefix + "/enter"`)) {
			t.Errorf("%s lost a route", name)
		}
	}
	authgenIn(t, dir, exitDone, "check")
	if *allArchives {
		mustRunIn(t, dir, append(os.Environ(), "GOWORK=off", "TEST_DATABASE_URL="+testDatabase(e.Name)), "go", "test", "./...")
	}
}

// runAuthgen runs authgen in this process, and returns its status and what it prints to
// standard error.
func runAuthgen(args ...string) (status int, stderr string) {
	out := new(bytes.Buffer)
	c := &cli{stdout: io.Discard, stderr: out}
	return c.run(args), out.String()
}

// authgenIn runs authgen in a directory, and expects a status.
func authgenIn(t *testing.T, dir string, want int, args ...string) {
	t.Helper()
	if status, stderr := runAuthgen(append(args, "-C", dir)...); status != want {
		t.Fatalf("authgen %s exits with %d, not %d:\n%s", strings.Join(args, " "), status, want, stderr)
	}
}

// TestUpgradeData has an older version write users and sessions into a database, and
// uses them after an upgrade: the tables are migrated, cookies open, and passwords are
// still right.
func TestUpgradeData(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	t.Parallel()
	for _, version := range olderVersions(t) {
		for _, example := range []string{"nethttp-database", "chi-postgres", "gin-mysql-stateless"} {
			t.Run(version.name+"/"+example, func(t *testing.T) {
				t.Parallel()
				project, err := version.project(example)
				if err != nil {
					t.Fatal(err)
				}
				a, err := answers.Parse(answers.FileName, project[path.Join(packageDir, answers.FileName)].Data)
				if err != nil {
					t.Fatal(err)
				}
				env := append(os.Environ(), "GOWORK=off", "STATE="+filepath.Join(t.TempDir(), "state.json"))
				env = append(env, databaseEnv(t, a)...)
				dir := t.TempDir()
				writeModule(t, dir, project)
				program := strings.ReplaceAll(dataProgram, "MODULE", "example.com/"+example)
				if err := os.WriteFile(filepath.Join(dir, "data_test.go"), []byte(program), 0o666); err != nil {
					t.Fatal(err)
				}
				run := func(test string) {
					t.Helper()
					mustRunIn(t, dir, env, "go", "test", "-count=1", "-vet=off", "-ldflags=-w", "-run=^"+test+"$", ".")
				}
				run("TestWriteData")
				authgenIn(t, dir, exitDone, "upgrade", "--no-verify")
				run("TestReadData")
				run("TestDropData")
			})
		}
	}
}

// databaseEnv returns the variables by which [dataProgram] finds a new database, and
// the server that it creates it on. It skips the test if there is no such server.
func databaseEnv(t *testing.T, a answers.Answers) []string {
	t.Helper()
	d := answers.DatabaseNamed(a.Database)
	if d.TestVariable == "" {
		return nil
	}
	server := os.Getenv(d.TestVariable)
	if server == "" {
		t.Skipf("%s is not set", d.TestVariable)
	}
	name := fmt.Sprintf("authgen_data_%d_%d", os.Getpid(), time.Now().UnixNano())
	var database string
	if u, err := url.Parse(server); err == nil && u.Scheme != "" {
		u.Path = "/" + name
		database = u.String()
	} else {
		database = regexp.MustCompile(`/[^/?]*(\?|$)`).ReplaceAllString(server, "/"+name+"$1")
	}
	i := slices.IndexFunc(d.Drivers, func(driver answers.Driver) bool { return driver.Name == a.Driver })
	return []string{"SERVER=" + server, "NAME=" + name, "DRIVER=" + d.Drivers[i].Opens, "DATABASE_URL=" + database}
}

// dataProgram is part of an example's program. It writes users and sessions, and finds
// them again.
const dataProgram = `package main

import (
	"cmp"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"MODULE/internal/auth"
	"MODULE/internal/auth/authweb"
)

const (
	baseURL  = "https://app.example.com"
	password = "correct horse battery"
)

type state struct{ Key, Ann, Bob string }

type dataTest struct {
	*testing.T
	auth    *auth.Auth
	handler http.Handler
}

func newDataTest(t *testing.T, key string) dataTest {
	keys, err := auth.ParseKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	db, err := openDatabase(t.Context(), cmp.Or(os.Getenv("DATABASE_URL"), defaultDatabase))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	a, err := auth.New(auth.Config{DB: db, Keys: keys, BaseURL: baseURL, Hooks: authweb.Hooks()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Wait)
	return dataTest{t, a, newHandler(a)}
}

// do calls a route by its name.
func (t dataTest) do(name, cookies, body string) *http.Response {
	t.Helper()
	for _, route := range authweb.Routes(t.auth) {
		if route.Name == name {
			r := httptest.NewRequest(route.Method, baseURL+route.Path, strings.NewReader(body))
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			if body != "" {
				r.Header.Set("Content-Type", "application/json")
			}
			if cookies != "" {
				r.Header.Set("Cookie", cookies)
			}
			w := httptest.NewRecorder()
			t.handler.ServeHTTP(w, r)
			if w.Code >= 300 {
				t.Fatalf("%s: status %d: %s", name, w.Code, w.Body)
			}
			return w.Result()
		}
	}
	t.Fatalf("no route %s", name)
	return nil
}

// logIn returns the cookies of a new session.
func (t dataTest) logIn(email string) string {
	t.Helper()
	var cookies []string
	for _, c := range t.do("login", "", ` + "`" + `{"email":"` + "`" + `+email+` + "`" + `","password":"` + "`" + `+password+` + "`" + `"}` + "`" + `).Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	return strings.Join(cookies, "; ")
}

func TestWriteData(t *testing.T) {
	if name := os.Getenv("NAME"); name != "" {
		onServer(t, "CREATE DATABASE "+name)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	s := state{Key: base64.StdEncoding.EncodeToString(key)}
	d := newDataTest(t, s.Key)
	for email, role := range map[string]auth.Role{"ann@example.com": auth.RoleAdmin, "bob@example.com": auth.DefaultRole} {
		if _, err := d.auth.CreateUser(t.Context(), auth.NewUser{Email: email, Password: password, Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	s.Ann, s.Bob = d.logIn("ann@example.com"), d.logIn("bob@example.com")
	d.do("me", s.Ann, "")
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv("STATE"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReadData(t *testing.T) {
	text, err := os.ReadFile(os.Getenv("STATE"))
	if err != nil {
		t.Fatal(err)
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	d := newDataTest(t, s.Key)
	var me struct{ Email, Role string }
	if err := json.NewDecoder(d.do("me", s.Ann, "").Body).Decode(&me); err != nil {
		t.Fatal(err)
	}
	if me.Email != "ann@example.com" || me.Role != "admin" {
		t.Errorf("the session is of %+v", me)
	}
	var users struct{ Users []struct{ Email string } }
	if err := json.NewDecoder(d.do("users", s.Ann, "").Body).Decode(&users); err != nil {
		t.Fatal(err)
	}
	if len(users.Users) != 2 {
		t.Errorf("the users are %+v", users)
	}
	// A session ends, and a password is the same.
	d.do("logout", s.Bob, "")
	d.do("me", d.logIn("bob@example.com"), "")
}

func TestDropData(t *testing.T) {
	if name := os.Getenv("NAME"); name != "" {
		onServer(t, "DROP DATABASE "+name)
	}
}

func onServer(t *testing.T, statement string) {
	t.Helper()
	db, err := sql.Open(os.Getenv("DRIVER"), os.Getenv("SERVER"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
`
