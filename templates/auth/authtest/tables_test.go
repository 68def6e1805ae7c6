//authgen:if false

package authtest

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authweb"
)

func newAuth(t *testing.T, change ...func(*auth.Config)) *auth.Auth {
	t.Helper()
	c := auth.Config{
		DB:      NewDatabase(t),
		Redis:   NewRedis(t),
		Keys:    NewKeys(),
		BaseURL: "https://example.com",
		Logger:  slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		if f != nil {
			f(&c)
		}
	}
	a, err := auth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Wait)
	return a
}

// Whatever an application changes in the table, the attacks fail, and those that need
// a missing route are skipped.
func TestOtherTables(t *testing.T) {
	never := func(*auth.Request) (auth.Answer, error) {
		t.Error("an attack called a route that it does not know")
		return auth.Answer{}, nil
	}
	for name, change := range map[string]func(t *testing.T, routes []auth.Route) []auth.Route{
		"renamed": func(_ *testing.T, routes []auth.Route) []auth.Route {
			for i, r := range routes {
				routes[i].Path = strings.Replace(r.Path, "/auth/", "/api/v2/account/", 1)
				if r.Method == http.MethodPut {
					routes[i].Method = http.MethodPatch
				}
			}
			return routes
		},
		"a few": func(_ *testing.T, routes []auth.Route) []auth.Route {
			return slices.DeleteFunc(routes, func(r auth.Route) bool {
				return slices.Contains([]string{"signup", "password", "user.role", "sessions.end"}, r.Name)
			})
		},
		"none of them": func(*testing.T, []auth.Route) []auth.Route {
			return []auth.Route{{Method: http.MethodPost, Path: "/orders", Handler: never}}
		},
		"more": func(_ *testing.T, routes []auth.Route) []auth.Route {
			return append(routes,
				auth.Route{Method: http.MethodGet, Path: "/auth/avatar/{user}", Handler: never},
				auth.Route{Method: http.MethodPost, Path: "/auth/more/{anything}", Handler: never, Fresh: true},
				auth.Route{Method: http.MethodDelete, Path: "/orders/{id}/lines/{line}", Handler: never, Role: administrator()},
				auth.Route{Method: http.MethodPut, Path: "/orders/{id}", Handler: never, Permission: auth.PermissionUsersWrite, Fresh: true},
				auth.Route{Method: http.MethodGet, Path: "/dashboard", Handler: never, Form: true},
				auth.Route{Method: http.MethodPost, Path: "/newsletter", Handler: never, Form: true, Public: true},
			)
		},
		"forms": func(_ *testing.T, routes []auth.Route) []auth.Route {
			for i, r := range routes {
				routes[i].Form = true
				routes[i].Handler = asForm(r.Handler)
			}
			return routes
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAuth(t)
			Run(t, bare(a, change(t, authweb.Routes(a))))
		})
	}
}

// asForm turns a handler that answers in JSON into the handler of a page, which shows
// the value, redirects if there is none, and shows the form again after an error.
func asForm(h auth.Handler) auth.Handler {
	return func(r *auth.Request) (auth.Answer, error) {
		answer, err := h(r)
		if err == nil {
			if answer.Value == nil {
				return auth.Answer{Redirect: "/auth/done"}, nil
			}
			return auth.Answer{Page: func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "<p>%s", template.HTMLEscaper(answer.Value))
				return err
			}}, nil
		}
		return auth.Answer{Page: func(w io.Writer) error {
			p, _ := auth.ProblemOf(err)
			_, err := fmt.Fprintf(w, "<form><p>%s", p.Title)
			return err
		}}, err
	}
}

// The table decides which attacks are skipped.
func TestMissing(t *testing.T) {
	s := &site{named: map[string]endpoint{"logout": {}, "me": {}}}
	if got := s.missing([]string{"logout", "reauthenticate", "me", "users"}); !slices.Equal(got, []string{"reauthenticate", "users"}) {
		t.Errorf("missing: got %q", got)
	}
	for _, a := range attacks() {
		for _, name := range strings.Fields(a.needs) {
			if !(endpoint{Route: auth.Route{Name: name}}).usual() {
				t.Errorf("%s: no route is called %q", a.name, name)
			}
		}
	}
}

// Run accepts what the configuration names: a route that other origins may call, a front
// end on another origin, and a path that a proxy removes.
func TestOtherOrigins(t *testing.T) {
	for _, baseURL := range []string{"https://example.com/app", "http://localhost:8080"} {
		a := newAuth(t, func(c *auth.Config) {
			c.BaseURL, c.AllowCrossOrigin = baseURL, []string{"webhook"}
			c.TrustedOrigins = []string{"https://localhost:5173"}
		})
		called := false
		app := bare(a, append(authweb.Routes(a), auth.Route{
			Name: "webhook", Method: http.MethodPost, Path: "/webhook", Public: true, Form: true,
			Handler: func(r *auth.Request) (auth.Answer, error) {
				called = true
				if _, err := auth.Verify(r.Context()); err == nil {
					t.Error("a request from another origin has a session")
				}
				return auth.Answer{}, nil
			},
		}))
		ann := LogIn(t, app, auth.DefaultRole)
		for _, path := range []string{"/auth/me", "/webhook"} {
			method := map[string]string{"/auth/me": http.MethodGet, "/webhook": http.MethodPost}[path]
			r, err := http.NewRequestWithContext(t.Context(), method, a.BaseURL()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			response, err := ann.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode >= 300 {
				t.Errorf("%s: %s %s: status %d", baseURL, method, path, response.StatusCode)
			}
		}
		if !called {
			t.Errorf("%s: the webhook was not called", baseURL)
		}
		As(t, a, auth.DefaultRole, func(context.Context, auth.Principal) {})
		Run(t, app)
	}
}

// The client of LogIn reaches only what is below the path of the base URL.
func TestOutsideOfBasePath(t *testing.T) {
	a := newAuth(t, func(c *auth.Config) { c.BaseURL = "https://example.com/app" })
	ann := LogIn(t, bare(a, authweb.Routes(a)), auth.DefaultRole)
	for _, path := range []string{"/auth/me", "/app", "/apple/auth/me"} {
		if response, err := ann.Get("https://example.com" + path); err == nil {
			_ = response.Body.Close()
			t.Errorf("GET %s: status %d, want an error", path, response.StatusCode)
		}
	}
}

// Run signs up only with addresses that the application accepts.
func TestStricterSignUp(t *testing.T) {
	n := 0
	a := newAuth(t, func(c *auth.Config) {
		c.Hooks.CheckSignUp = func(_ context.Context, in auth.SignUpInput) error {
			if !strings.HasSuffix(in.Email, "@corp.example") {
				return auth.NewInputError("email", "not_ours", "is not one of the company's")
			}
			return nil
		}
	})
	app := bare(a, authweb.Routes(a))
	app.NewEmail = func() string {
		n++
		return fmt.Sprintf("user-%d@corp.example", n)
	}
	Run(t, app)
}

// Run fails if an attack on the application succeeds. It runs in another process.
func TestRunFails(t *testing.T) {
	NewDatabase(t) // skips the test if there is no database
	done := func(*auth.Request) (auth.Answer, error) { return auth.Answer{}, nil }
	// These attacks need an Auth that lets one route, or one origin, pass.
	unchecked := func(c *auth.Config) { c.AllowCrossOrigin = []string{"orders"} }
	configs := map[string]func(*auth.Config){
		"other_sites_cannot_call_an_unsafe_route":   unchecked,
		"other_origins_cannot_call_an_unsafe_route": unchecked,
		"other_origins_cannot_read_an_answer":       func(c *auth.Config) { c.TrustedOrigins = []string{"https://evil.example"} },
		"in_development,_no_other_host_is_served": func(c *auth.Config) {
			unchecked(c)
			c.BaseURL = "http://localhost:8080"
		},
	}
	orders := func(a *auth.Auth) App {
		return claiming(a, auth.Route{Name: "orders", Method: http.MethodPost, Path: "/orders", Public: true, Handler: done}, func(r *auth.Route) { r.Name = "checked" })
	}
	for attack, app := range map[string]func(a *auth.Auth) App{
		"visitors_get_no_session": func(a *auth.Auth) App {
			return claiming(a, auth.Route{Method: http.MethodPost, Path: "/orders", Public: true, Handler: done}, func(r *auth.Route) { r.Public = false })
		},
		"a_user_whose_role_is_too_low_is_refused": func(a *auth.Auth) App {
			return claiming(a, auth.Route{Method: http.MethodPost, Path: "/orders", Handler: done}, func(r *auth.Route) { r.Role = administrator() })
		},
		"a_user_whose_password_was_not_checked_recently_is_refused": func(a *auth.Auth) App {
			return claiming(a, auth.Route{Method: http.MethodPost, Path: "/orders", Handler: done}, func(r *auth.Route) { r.Fresh = true })
		},
		"a_logout_ends_the_session": func(a *auth.Auth) App {
			return handling(a, "logout", done)
		},
		"a_logout_ends_the_session_that_replaced_the_old_one": func(a *auth.Auth) App {
			return handling(a, "logout", done)
		},
		"a_login_does_not_reveal_who_has_an_account": func(a *auth.Auth) App {
			return handling(a, "login", func(r *auth.Request) (auth.Answer, error) {
				var in auth.Credentials
				if err := r.Read(in.Fields()); err != nil {
					return auth.Answer{}, err
				}
				user, err := a.LogIn(r.Context(), in)
				if err != nil && strings.HasPrefix(in.Email, "member") {
					err = auth.NewInputError("password", "wrong", "is wrong")
				}
				return auth.Answer{Value: user}, err
			})
		},
		"a_body_must_be_declared_as_JSON": func(a *auth.Auth) App {
			return handling(a, "password", done)
		},
		"other_sites_cannot_call_an_unsafe_route":   orders,
		"other_origins_cannot_call_an_unsafe_route": orders,
		"in_development,_no_other_host_is_served":   orders,
		"other_origins_cannot_read_an_answer": func(a *auth.Auth) App {
			return bare(a, authweb.Routes(a))
		},
		"administrators_cannot_set_passwords": func(a *auth.Auth) App {
			return handling(a, "user", func(*auth.Request) (auth.Answer, error) {
				return auth.Answer{Value: map[string]string{"password_hash": "x"}}, nil
			})
		},
	} {
		t.Run(attack, func(t *testing.T) {
			if os.Getenv("AUTHTEST_RUN_FAILS") != "" {
				broken := app(newAuth(t, configs[attack]))
				n := 0
				broken.NewEmail = func() string {
					n++
					return fmt.Sprintf("member-%d@example.org", n)
				}
				Run(t, broken)
				return
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunFails$/^"+attack+"$/^"+attack+"$")
			cmd.Env = append(os.Environ(), "AUTHTEST_RUN_FAILS=1")
			out, err := cmd.CombinedOutput()
			if !strings.Contains(string(out), "--- FAIL: TestRunFails/"+attack+"/"+attack) || err == nil {
				t.Errorf("the attack did not succeed: %v\n%s", err, out)
			}
		})
	}
}

// claiming returns an application with one more route, and with a table in which the
// route is as claim makes it.
func claiming(a *auth.Auth, route auth.Route, claim func(*auth.Route)) App {
	app := bare(a, append(authweb.Routes(a), route))
	app.Routes = slices.Clone(app.Routes)
	claim(&app.Routes[len(app.Routes)-1])
	return app
}

// handling returns an application with another handler for the route with the name.
func handling(a *auth.Auth, name string, h auth.Handler) App {
	routes := authweb.Routes(a)
	for i := range routes {
		if routes[i].Name == name {
			routes[i].Handler = h
		}
	}
	return bare(a, routes)
}
