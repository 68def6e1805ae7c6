package doctor

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// application with nothing wrong, for a router.
func goodApp(t *testing.T, router string) map[string]string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/" + answers.RouterNamed(router).Folder() + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	common, err := txtar.ParseFile("testdata/common.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, f := range append(common.Files, archive.Files...) {
		files[f.Name] = string(f.Data)
	}
	return files
}

// look writes an application and returns what is wrong with it.
func look(t *testing.T, a answers.Answers, files map[string]string) []Finding {
	t.Helper()
	root := t.TempDir()
	write(t, root, files)
	return lookAt(t, root, a)
}

func lookAt(t *testing.T, root string, a answers.Answers) []Finding {
	t.Helper()
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	found, err := Look(p, a, os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.File == "" || f.Line == 0 || f.Text == "" || f.Remedy == "" {
			t.Errorf("incomplete: %+v", f)
		}
		if _, err := os.Stat(filepath.Join(root, f.File)); err != nil {
			t.Errorf("%s: %v", f.ID, err)
		}
	}
	return found
}

func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func answersFor(router string) answers.Answers {
	a := answers.Default()
	a.Router, a.Protected = router, []string{"/account"}
	a.Normalize()
	return a
}

// change is what a test does to a file of an application that has nothing wrong.
type change struct{ file, old, new string }

// Each check finds what it is for, and nothing else does.
func TestChecks(t *testing.T) {
	routers := func(tag string) (names []string) {
		for _, r := range answers.Routers {
			if len(r.Older.Imports) == 0 && (tag == "" || slices.Contains(r.Tags, tag) || tag == r.Late) {
				names = append(names, r.Name)
			}
		}
		return names
	}
	standard, all := []string{answers.Routers[0].Name}, routers("")
	const login = "// a page to log in\n"
	tests := map[string]struct {
		routers []string
		answers func(*answers.Answers)
		changes []change
		want    []string // findings, as file:line id
	}{
		"good": {routers: all},
		"not mounted": {
			routers: all,
			changes: []change{{"routes.go", "a.Register(r, authweb.Routes(a))", "_ = a"}},
			want:    []string{"not-mounted main.go: auth.New("},
		},
		"registered in a test only": {
			routers: standard,
			changes: []change{
				{"routes.go", "a.Register(r, authweb.Routes(a))", "_ = a"},
				{"routes_test.go", "", "package main\n\nfunc TestX(t *testing.T) { a.Register(r, authweb.Routes(a)) }\n"},
			},
			want: []string{"not-mounted main.go: auth.New("},
		},
		"not even made": {
			routers: standard,
			changes: []change{
				{"routes.go", "a.Register(r, authweb.Routes(a))", "_ = a"},
				{"main.go", "auth.New(auth.Config{", "other(other2{"},
			},
			want: []string{"not-mounted routes.go: mux := "},
		},
		"registered on a group": {
			routers: []string{"fiber"},
			changes: []change{{"routes.go", "a.Register(r, ", "api := r.Group(\"/api\")\n\ta.Register(api, "}},
			want:    []string{"routes-below-prefix routes.go: a.Register("},
		},
		"registered on a group without a path": {
			routers: []string{"fiber"},
			changes: []change{{"routes.go", "a.Register(r, ", "api := r.Group(\"\")\n\ta.Register(api, "}},
		},
		"registered on a subrouter": {
			routers: []string{"gorilla"},
			changes: []change{{"routes.go", "a.Register(r, ", "api := r.PathPrefix(\"/api\").Subrouter()\n\ta.Register(api, "}},
			want:    []string{"routes-below-prefix routes.go: a.Register("},
		},
		"registered in a route": {
			routers: []string{"chi"},
			changes: []change{{"routes.go", "a.Register(r, authweb.Routes(a))", "r.Route(\"/api\", func(r chi.Router) {\n\t\ta.Register(r, authweb.Routes(a))\n\t})"}},
			want:    []string{"routes-below-prefix routes.go: a.Register("},
		},
		"registered on a mounted router": {
			routers: []string{"chi"},
			changes: []change{{"routes.go", "a.Register(r, authweb.Routes(a))", "api := chi.NewRouter()\n\ta.Register(api, authweb.Routes(a))\n\tr.Mount(\"/api\", api)"}},
			want:    []string{"routes-below-prefix routes.go: a.Register("},
		},
		"registered in a group without a path": {
			routers: []string{"chi"},
			changes: []change{{"routes.go", "a.Register(r, authweb.Routes(a))", "r.Group(func(r chi.Router) {\n\t\ta.Register(r, authweb.Routes(a))\n\t})"}},
		},
		"registered behind StripPrefix": {
			routers: standard,
			changes: []change{
				{"routes.go", "a.Register(r, ", "own := http.NewServeMux()\n\ta.Register(own, "},
				{"routes.go", "\treturn ", "\tr.Handle(\"/auth/\", http.StripPrefix(\"/auth\", own))\n\treturn "},
			},
			want: []string{"routes-below-prefix routes.go: a.Register("},
		},
		"registered behind a base path": {
			routers: standard,
			changes: []change{
				{"routes.go", "a.Register(r, ", "own := http.NewServeMux()\n\ta.Register(own, "},
				{"routes.go", "\treturn ", "\tr.Handle(\"/app/\", http.StripPrefix(\"/app\", own))\n\treturn "},
			},
		},
		"registered on a router of its own": {
			routers: standard,
			changes: []change{
				{"routes.go", "a.Register(r, ", "own := http.NewServeMux()\n\ta.Register(own, "},
				{"routes.go", "\treturn ", "\tr.Handle(\"/auth/\", own)\n\tr.Handle(\"/files/\", http.StripPrefix(\"/files\", own))\n\treturn "},
			},
		},
		"no middleware": {
			routers: all,
			changes: []change{{"routes.go", "a.Middleware", "other"}},
			want:    []string{"no-middleware routes.go: a.Register("},
		},
		"session middleware": {
			routers: all,
			changes: []change{{"routes.go", "a.Middleware", "a.SessionMiddleware"}},
		},
		"middleware after routes": {
			routers: append(routers(answers.LatePanics), routers(answers.LateSkips)...),
			changes: []change{{"routes.go", "\tr.Use(a.Middleware)\n", ""}, {"routes.go", login, "r.Use(a.Middleware)\n"}},
			want:    []string{"middleware-after-routes routes.go: r.Use(a.Middleware)"},
		},
		"middleware after routes of another function": {
			routers: routers(answers.LateSkips),
			changes: []change{
				{"routes.go", "\tr.Use(a.Middleware)\n", ""},
				{"routes.go", login, "finish(r, a)\n"},
				{"finish.go", "", "package main\n\nimport \"example.com/app/internal/auth\"\n\nfunc finish(r router, a *auth.Auth) {\n\tr.Use(a.Middleware)\n}\n"},
			},
			want: []string{"middleware-after-routes finish.go: r.Use(a.Middleware)"},
		},
		"group before the middleware": {
			routers: []string{"gin", "chi"},
			changes: []change{{"routes.go", "\tr.Use(a.Middleware)\n", "\tapi := r.Group(\"/api\")\n\tr.Use(a.Middleware)\n"}},
			want:    []string{"middleware-after-routes routes.go: r.Use(a.Middleware)"},
		},
		"group before the middleware, routes after it": {
			routers: []string{"fiber"},
			changes: []change{{"routes.go", "\tr.Use(a.Middleware)\n", "\tapi := r.Group(\"/api\")\n\tr.Use(a.Middleware)\n\tapi.Get(\"/x\", x)\n"}},
		},
		"route of a group before the middleware": {
			routers: []string{"fiber"},
			changes: []change{{"routes.go", "\tr.Use(a.Middleware)\n", "\tapi := r.Group(\"/api\")\n\tapi.Get(\"/x\", x)\n\tr.Use(a.Middleware)\n"}},
			want:    []string{"middleware-after-routes routes.go: r.Use(a.Middleware)"},
		},
		"health checks before the middleware": {
			routers: routers(answers.LateSkips),
			changes: []change{{"routes.go", "\tr.Use(a.Middleware)\n", "\tr.GET(\"/healthz\", health)\n\tr.Use(a.Middleware)\n"}},
		},
		"health checks before the middleware of chi": {
			routers: routers(answers.LatePanics),
			changes: []change{{"routes.go", "\tr.Use(a.Middleware)\n", "\tr.Get(\"/healthz\", health)\n\tr.Use(a.Middleware)\n"}},
			want:    []string{"middleware-after-routes routes.go: r.Use(a.Middleware)"},
		},
		"other middleware from a function": {
			routers: append(routers(answers.LatePanics), routers(answers.LateSkips)...),
			changes: []change{{"routes.go", "\tr.Use(a.Middleware)\n", "\tlogging(r)\n\tr.Use(a.Middleware)\n"}, {"log.go", "", "package main\n\nfunc logging(r any) {}\n"}},
		},
		"middleware by Use": {
			routers: []string{"gorilla"},
			changes: []change{{"routes.go", "return a.Middleware(r)", "r.Use(a.Middleware)\n\treturn r"}},
			want:    []string{"middleware-by-use routes.go: r.Use(a.Middleware)"},
		},
		"middleware outside of StripPrefix": {
			routers: routers("handler"),
			changes: []change{{"routes.go", "\treturn ", "\tinner := a.Middleware(http.StripPrefix(\"/app\", r))\n\treturn "}},
			want:    []string{"middleware-outside-prefix routes.go: StripPrefix"},
		},
		"StripPrefix outside": {
			routers: routers("handler"),
			changes: []change{{"routes.go", "\treturn ", "\tinner := http.StripPrefix(\"/app\", a.Middleware(r))\n\treturn "}},
		},
		"gate without page": {
			routers: all,
			changes: []change{{"routes.go", `"/login"`, `"/signin"`}, {"routes.go", `"GET /login"`, `"GET /signin"`}},
			want:    []string{"gate-without-page main.go: auth.Config{"},
		},
		"gate with another page": {
			routers: standard,
			changes: []change{{"routes.go", `"GET /login"`, `"GET /signin"`}, {"main.go", "Keys:", "LoginPath: \"/signin\",\n\t\tKeys:"}},
		},
		"gate with a page that is missing": {
			routers: standard,
			changes: []change{{"main.go", "Keys:", "LoginPath: \"/signin\",\n\t\tKeys:"}},
			want:    []string{"gate-without-page main.go: LoginPath"},
		},
		"gate with a front end": {
			routers: standard,
			changes: []change{{"routes.go", `"GET /login"`, `"/"`}},
		},
		"gate with a row of the table": {
			routers: standard,
			changes: []change{
				{"routes.go", `"GET /login"`, `"GET /signin"`},
				{"internal/auth/authweb/routes.go", "", "package authweb\n\nvar page = auth.Route{Path: \"/login\"}\n"},
			},
		},
		"gate with a path that is not known": {
			routers: standard,
			changes: []change{{"routes.go", `"GET /login"`, `loginPattern()`}},
		},
		"gate with a page below another path": {
			routers: []string{"gin", "chi"},
			changes: []change{{"routes.go", `"/login"`, `"/signin"`}, {"routes.go", "\treturn ", "\tapi := r.Group(\"/api\")\n\tapi.GET(path(), x)\n\treturn "}},
			want:    []string{"gate-without-page main.go: auth.Config{"},
		},
		"gate with a page of an unknown router": {
			routers: standard,
			changes: []change{{"routes.go", `"GET /login"`, `"GET /signin"`}, {"more.go", "", "package main\n\nimport \"net/http\"\n\nfunc more(r group, page http.Handler) { r.Get(\"/login\", page) }\n"}},
		},
		"gate with a page for what has no route": {
			routers: []string{"gin"},
			changes: []change{{"routes.go", `"/login"`, `"/signin"`}, {"more.go", "", "package main\n\nimport \"github.com/gin-gonic/gin\"\n\nfunc more(r *gin.Engine) { r.NoRoute(page) }\n"}},
		},
		"NotFound of net/http": {
			routers: []string{"chi"},
			changes: []change{{"routes.go", `"/login"`, `"/signin"`}, {"more.go", "", "package main\n\nimport \"net/http\"\n\nfunc more() { http.NotFound(w, r) }\n"}},
			want:    []string{"gate-without-page main.go: auth.Config{"},
		},
		"a redirect is no page": {
			routers: standard,
			changes: []change{{"routes.go", `"GET /login"`, `"GET /signin"`}, {"more.go", "", "package main\n\nfunc f() { http.Redirect(w, r, \"/login\", 303); redirectTo(w, \"/login\") }\n"}},
			want:    []string{"gate-without-page main.go: auth.Config{"},
		},
		"no gate": {
			routers: standard,
			answers: func(a *answers.Answers) { a.Public, a.Protected = nil, nil },
			changes: []change{{"routes.go", `"GET /login"`, `"GET /signin"`}},
		},
		"proxy": {
			routers: standard,
			changes: []change{{"deploy/nginx.conf", "", "server {}\n"}},
			want:    []string{"no-trusted-proxies main.go: auth.Config{"},
		},
		"proxy in compose": {
			routers: standard,
			changes: []change{{"compose.yaml", "", "services:\n  web:\n    image: \"docker.io/library/caddy:2\"\n"}},
			want:    []string{"no-trusted-proxies main.go: auth.Config{"},
		},
		"ingress": {
			routers: standard,
			changes: []change{{"k8s/app.yml", "", "apiVersion: v1\nkind: Ingress\n"}},
			want:    []string{"no-trusted-proxies main.go: auth.Config{"},
		},
		"proxy in the code": {
			routers: standard,
			changes: []change{{"ip.go", "", "package main\n\nfunc ip(r *http.Request) string { return r.Header.Get(\"X-Forwarded-For\") }\n"}},
			want:    []string{"no-trusted-proxies main.go: auth.Config{"},
		},
		"trusted proxy": {
			routers: standard,
			changes: []change{{"Caddyfile", "", "example.com\n"}, {"main.go", "Keys:", "TrustedProxies: proxies,\n\t\tKeys:"}},
		},
		"no proxy in compose": {
			routers: standard,
			changes: []change{{"compose.yaml", "", "services:\n  web:\n    image: postgres\n  # image: nginx\n"}},
		},
		"rewritten address": {
			routers: routers("handler"),
			changes: []change{{"ip.go", "", "package main\n\nimport \"github.com/go-chi/chi/v5/middleware\"\n\nvar first = middleware.RealIP\n"}},
			want:    []string{"client-address-rewritten ip.go: RealIP"},
		},
		"not migrated": {
			routers: standard,
			changes: []change{{"main.go", "auth.Migrate", "other"}},
			want:    []string{"migrations-not-applied main.go: auth.New("},
		},
		"migrated by a tool": {
			routers: standard,
			changes: []change{{"main.go", "auth.Migrate", "other"}, {"Makefile", "", "migrate:\n\tgoose -dir internal/auth/migrations sqlite3 app.db up\n"}},
		},
		"migrated by a library": {
			routers: standard,
			changes: []change{{"main.go", "auth.Migrate", "other"}, {"m.go", "", "package main\n\nimport \"github.com/pressly/goose/v3\"\n\nvar _ = goose.Up\n"}},
		},
		"migrated by the application's own code": {
			routers: standard,
			changes: []change{{"main.go", "auth.Migrate(ctx, db)", "apply(db, auth.Migrations)"}},
		},
		"migrated twice": {
			routers: standard,
			changes: []change{{"Makefile", "", "up:\n\tgoose -dir internal/auth/migrations sqlite3 app.db up\n"}},
			want:    []string{"migrated-twice Makefile: goose"},
		},
		"other migrations too": {
			routers: standard,
			changes: []change{{"Makefile", "", "up:\n\tgoose -dir migrations sqlite3 app.db up\n"}},
		},
		"Redis without a deadline": {
			routers: standard,
			answers: func(a *answers.Answers) { a.Store = "redis" },
			changes: []change{{"main.go", "Keys:", "Redis: rdb,\n\t\tKeys:"}},
			want:    []string{"redis-without-deadline main.go: Redis:"},
		},
		"Redis with a deadline": {
			routers: standard,
			answers: func(a *answers.Answers) { a.Store = "redis" },
			changes: []change{{"main.go", "Keys:", "Redis: rdb,\n\t\tKeys:"}, {"redis.go", "", "package main\n\nfunc f() { options.ContextTimeoutEnabled = true }\n"}},
		},
		"not migrated by the tool": {
			routers: standard,
			answers: func(a *answers.Answers) { a.Migrations = "dbmate" },
			changes: []change{{"main.go", "auth.Migrate", "auth.CheckDatabase"}, {"Makefile", "", "# dbmate up\n"}},
			want:    []string{"migrations-not-applied main.go: auth.New("},
		},
		"keys not in .env": {
			routers: standard,
			changes: []change{{".env", "AUTH_KEYS=", "OTHER_KEYS="}, {".env.example", "AUTH_KEYS=", "OTHER_KEYS="}},
			want:    []string{"keys-not-in-env .env:"},
		},
		"keys in compose": {
			routers: standard,
			changes: []change{
				{".env", "AUTH_KEYS=", "OTHER_KEYS="},
				{".env.example", "AUTH_KEYS=", "OTHER_KEYS="},
				{"compose.yaml", "", "services:\n  app:\n    environment:\n      AUTH_KEYS: x\n"},
			},
		},
		"neither in .env": {
			routers: standard,
			changes: []change{{".env", "AUTH_KEYS", "X"}, {".env.example", "AUTH_KEYS=\nBASE_URL", "X"}, {"web/.env", "", "VITE_URL=/\n"}},
			want:    []string{"keys-not-in-env .env: ", "base-url-not-in-env .env: "},
		},
		"keys in a comment of .env": {
			routers: standard,
			changes: []change{{".env", "AUTH_KEYS=", "#AUTH_KEYS="}, {".env.example", "AUTH_KEYS=", "OTHER_KEYS="}},
			want:    []string{"keys-not-in-env .env:"},
		},
		"keys in a comment of the example": {
			routers: standard,
			changes: []change{{".env", "AUTH_KEYS=", "#AUTH_KEYS="}, {".env.example", "AUTH_KEYS=", "# AUTH_KEYS="}},
		},
		"keys from a field": {
			routers: standard,
			changes: []change{
				{"main.go", `os.Getenv("AUTH_KEYS")`, "cfg.Keys"},
				{"main.go", "func run() error {", "type config struct {\n\tKeys string `env:\"SESSION_KEYS,required\"`\n}\n\nfunc run() error {\n\tvar cfg config"},
			},
			want: []string{"keys-not-in-env .env:"},
		},
		"base URL not in .env": {
			routers: standard,
			changes: []change{{".env.example", "BASE_URL=", "URL="}},
			want:    []string{"base-url-not-in-env .env:"},
		},
		"base URL with a default": {
			routers: standard,
			changes: []change{{".env.example", "BASE_URL=", "URL="}, {"main.go", `os.Getenv("BASE_URL")`, `cmp.Or(os.Getenv("BASE_URL"), "http://localhost")`}},
		},
		"keys in the source": {
			routers: standard,
			changes: []change{{"main.go", `os.Getenv("AUTH_KEYS")`, "\"MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=\""}},
			want:    []string{"keys-in-source main.go: auth.ParseKeys"},
		},
		".env in git": {
			routers: standard,
			changes: []change{{".git/HEAD", "", "ref: x\n"}, {".gitignore", ".env\n", "*.db\n"}},
			want:    []string{"env-not-ignored .env: AUTH_KEYS"},
		},
		".env ignored": {
			routers: standard,
			changes: []change{{".git/HEAD", "", "ref: x\n"}, {".gitignore", ".env\n", "/.env*\n"}},
		},
		"no timeouts": {
			routers: standard,
			changes: []change{{"main.go", ", ReadHeaderTimeout: 5 * time.Second", ""}},
			want:    []string{"no-server-timeouts main.go: http.Server{"},
		},
		"no timeouts of the server of a router": {
			routers: []string{"gin"},
			changes: []change{{"main.go", "server := &http.Server{Handler: routes(a), ReadHeaderTimeout: 5 * time.Second}", "r := routes(a)\n\tr.Run()"}},
			want:    []string{"no-server-timeouts main.go: r.Run()"},
		},
		"timeouts set later": {
			routers: standard,
			changes: []change{{"main.go", ", ReadHeaderTimeout: 5 * time.Second", ""}, {"main.go", "\tdefer a.Wait()\n", "\tdefer a.Wait()\n\tserver.ReadTimeout = time.Second\n"}},
		},
		"another database": {
			routers: standard,
			changes: []change{{"main.go", `sql.Open("sqlite"`, `sql.Open("pgx"`}},
			want:    []string{"other-database main.go: DB:"},
		},
		"another driver": {
			routers: standard,
			changes: []change{{"main.go", `sql.Open("sqlite"`, `sql.Open("sqlite3"`}, {"main.go", `_ "modernc.org/sqlite"`, `_ "github.com/mattn/go-sqlite3"`}},
			want:    []string{"other-database main.go: DB:"},
		},
		"hooks not used": {
			routers: standard,
			changes: []change{
				{"main.go", "\t\tHooks:   authweb.Hooks(),\n", ""},
				{"internal/auth/authweb/hooks.go", "", "package authweb\n\nfunc Hooks() auth.Hooks { return auth.Hooks{LoggedIn: note} }\n"},
			},
			want: []string{"hooks-not-used main.go: auth.Config{"},
		},
		"no hooks": {
			routers: standard,
			changes: []change{
				{"main.go", "\t\tHooks:   authweb.Hooks(),\n", ""},
				{"internal/auth/authweb/hooks.go", "", "package authweb\n\nfunc Hooks() auth.Hooks { return auth.Hooks{} }\n"},
			},
		},
		"no Wait": {
			routers: standard,
			changes: []change{{"main.go", "\tdefer a.Wait()\n", ""}},
			want:    []string{"no-wait main.go: server.Shutdown"},
		},
		"Shutdown of something else": {
			routers: standard,
			changes: []change{{"main.go", "\tdefer a.Wait()\n", ""}, {"main.go", "server.Shutdown(ctx)", "tracing.Shutdown(ctx)"}},
		},
		"registered by code of unknown types": {
			routers: standard,
			changes: []change{{"routes.go", "a.Register(r, authweb.Routes(a))", "list := authweb.Routes(a)\n\tregister(r, list)"}},
		},
		"no Wait without Shutdown": {
			routers: standard,
			changes: []change{{"main.go", "\tdefer a.Wait()\n", ""}, {"main.go", "server.Shutdown(ctx)", "server.Close()"}},
		},
	}
	tested := make(map[string]bool)
	for name, test := range tests {
		for _, router := range test.routers {
			t.Run(name+"/"+router, func(t *testing.T) {
				files := goodApp(t, router)
				for _, c := range test.changes {
					if c.old != "" && !strings.Contains(files[c.file], c.old) {
						if c.old == `"/login"` || c.old == `"GET /login"` {
							continue // patterns of routers differ
						}
						t.Fatalf("%s does not contain %q", c.file, c.old)
					}
					if c.old == "" {
						files[c.file] = c.new
						continue
					}
					files[c.file] = strings.ReplaceAll(files[c.file], c.old, c.new)
				}
				a := answersFor(router)
				if test.answers != nil {
					test.answers(&a)
				}
				found := look(t, a, files)
				var got, want []string
				for i, f := range found {
					got = append(got, f.ID+" "+f.File)
					if i < len(test.want) {
						_, text, _ := strings.Cut(test.want[i], ": ")
						line := strings.Split(files[f.File], "\n")[f.Line-1]
						if !strings.Contains(line, text) && !strings.HasPrefix(text, "mux :=") {
							t.Errorf("%s is at %q, want the line with %q", f.ID, line, text)
						}
					}
				}
				for _, w := range test.want {
					w, _, _ = strings.Cut(w, ":")
					want = append(want, w)
					id, _, _ := strings.Cut(w, " ")
					tested[id] = true
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got)\n%s\n%+v", diff, found)
				}
			})
		}
	}
	for _, c := range Checks {
		if !tested[c.ID] {
			t.Errorf("no test for %s", c.ID)
		}
	}
}
