package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// cookiesDir has a cookie from each version for each session style, in files such as
// v0.1.0-nethttp-database.json.
//
// A cookie is written once, when a version is released, by
//
//	go test ./cmd/authgen -run TestCookies -update
var cookiesDir = filepath.Join("..", "..", "testdata", "cookies")

// cookieExamples are the examples for which there are cookies. The others seal cookies in
// the same way.
var cookieExamples = []string{"nethttp-database", "nethttp-stateless"}

// TestCookies opens the cookies of earlier versions with the code that is emitted now. The
// clock of the test always shows the same time, so that no cookie expires.
func TestCookies(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	t.Parallel()
	for _, example := range cookieExamples {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			project, err := sampleProject(example)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			writeModule(t, dir, project)
			program := strings.ReplaceAll(cookieProgram, "MODULE", "example.com/"+example)
			if err := os.Mkdir(filepath.Join(dir, "cookie"), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "cookie", "cookie_test.go"), []byte(program), 0o666); err != nil {
				t.Fatal(err)
			}
			for _, version := range releasedVersions(t) {
				file, err := filepath.Abs(filepath.Join(cookiesDir, version+"-"+example+".json"))
				if err != nil {
					t.Fatal(err)
				}
				run := "Open"
				if _, err := os.Stat(file); err != nil && *update {
					run = "Seal|Open"
					if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
						t.Fatal(err)
					}
				}
				cmd := exec.Command("go", "test", "-count=1", "-run", run, "./cookie")
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "GOWORK=off", "COOKIE="+file)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("a cookie of %s: %v\n%s", version, err, out)
				}
			}
		})
	}
}

// cookieProgram has tests that seal a cookie and write it to the file that COOKIE names,
// and that open it.
const cookieProgram = `package cookie

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"MODULE/internal/auth"
	"MODULE/internal/auth/authtest"
	"MODULE/internal/auth/authweb"
)

type cookie struct{ Key, BaseURL, Cookie, User, Role, AuthenticatedAt string }

func newAuth(t *testing.T, c cookie) *auth.Auth {
	keys, err := auth.ParseKeys(c.Key)
	if err != nil {
		t.Fatal(err)
	}
	a, err := auth.New(auth.Config{DB: authtest.NewDatabase(t), Keys: keys, BaseURL: c.BaseURL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Wait)
	return a
}

func TestSeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		c := cookie{Key: base64.StdEncoding.EncodeToString(key), BaseURL: "https://app.example.com"}
		a := newAuth(t, c)
		u, err := a.CreateUser(t.Context(), auth.NewUser{Email: "ann@example.com", Password: "correct horse battery", Role: auth.DefaultRole})
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		routes := authweb.Routes(a)
		a.Register(mux, routes)
		w := httptest.NewRecorder()
		for _, route := range routes {
			if route.Name == "login" {
				r := httptest.NewRequest(route.Method, c.BaseURL+route.Path, strings.NewReader(` + "`" + `{"email":"ann@example.com","password":"correct horse battery"}` + "`" + `))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				a.Middleware(mux).ServeHTTP(w, r)
			}
		}
		for _, set := range w.Result().Cookies() {
			c.Cookie = set.Name + "=" + set.Value
		}
		c.User, c.Role = u.ID.String(), auth.DefaultRole.String()
		c.AuthenticatedAt = time.Now().UTC().Format(time.RFC3339)
		text, err := json.MarshalIndent(c, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(os.Getenv("COOKIE"), append(text, '\n'), 0o666); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOpen(t *testing.T) {
	text, err := os.ReadFile(os.Getenv("COOKIE"))
	if err != nil {
		t.Fatal(err)
	}
	var want cookie
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		r := httptest.NewRequest("GET", want.BaseURL+"/", nil)
		r.Header.Set("Cookie", want.Cookie)
		opened := false
		newAuth(t, want).Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s, ok := auth.SessionFrom(r.Context())
			opened = ok
			got := cookie{want.Key, want.BaseURL, want.Cookie, s.UserID().String(), s.Role().String(), s.AuthenticatedAt().UTC().Format(time.RFC3339)}
			if got != want {
				t.Errorf("the session is %+v, want %+v", got, want)
			}
			if s.Method() != auth.MethodPassword {
				t.Errorf("the method is %v", s.Method())
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
		if !opened {
			t.Error("the cookie does not open")
		}
	})
}
`
