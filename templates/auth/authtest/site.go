package authtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/internal/testhook"
)

// site is an application that is being served.
type site struct {
	*auth.Auth
	origin    string // of the base URL
	transport *http.Transport
	newEmail  func() string
	table     []endpoint
	named     map[string]endpoint

	// The routes by which attacks log in and check who is logged in. Each is from the
	// table or, if that has no suitable route, a probe.
	login     endpoint // may take a form
	jsonLogin endpoint
	me        endpoint
}

// endpoint is a route, and the transport that reaches it.
type endpoint struct {
	auth.Route
	transport *http.Transport
}

// newSite serves an application.
func newSite(t testing.TB, app App) *site {
	t.Helper()
	s := &site{Auth: app.Auth, transport: serve(t, app), newEmail: app.NewEmail, named: make(map[string]endpoint)}
	s.origin = strings.TrimSuffix(app.Auth.BaseURL(), app.Auth.BasePath())
	if s.newEmail == nil {
		s.newEmail = newEmail
	}
	for _, route := range app.Routes {
		e := endpoint{route, s.transport}
		s.table = append(s.table, e)
		if route.Name != "" {
			s.named[route.Name] = e
		}
	}
	s.login, s.me = s.named["login"], s.named["me"]
	s.jsonLogin = s.login
	hasLogin := s.login.Public
	hasMe := s.me.Method == http.MethodGet && !s.me.Public && !s.me.Form && may(auth.DefaultRole, s.me.Route)
	if hasLogin && hasMe && !s.login.Form {
		return s
	}
	routes := probes(app.Auth)
	transport := serve(t, bare(app.Auth, routes))
	if s.login.Form || !hasLogin {
		s.jsonLogin = endpoint{routes[0], transport}
	}
	if !hasLogin {
		s.login = s.jsonLogin
	}
	if !hasMe {
		s.me = endpoint{routes[1], transport}
	}
	return s
}

// probes returns the routes that nearly every attack needs.
func probes(a *auth.Auth) []auth.Route {
	return []auth.Route{
		{Name: testhook.Probe + "login", Method: http.MethodPost, Path: "/probe/login", Public: true, Handler: func(r *auth.Request) (auth.Answer, error) {
			var in auth.Credentials
			if err := r.Read(in.Fields()); err != nil {
				return auth.Answer{}, err
			}
			user, err := a.LogIn(r.Context(), in)
			return auth.Answer{Value: user}, err
		}},
		{Name: testhook.Probe + "me", Method: http.MethodGet, Path: "/probe/me", Handler: func(r *auth.Request) (auth.Answer, error) {
			me, err := a.DAL().Me(r.Context(), r.Principal())
			return auth.Answer{Value: me}, err
		}},
	}
}

// missing returns the names that are not in the table.
func (s *site) missing(names []string) []string {
	var missing []string
	for _, name := range names {
		if !s.has(name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// has reports whether the table has the route. A page with the list of sessions does
// not count, since attacks read the list.
func (s *site) has(name string) bool {
	e, ok := s.named[name]
	return ok && !(name == "sessions" && e.Form)
}

// usual reports whether attacks know the route. They call other routes only as users who
// must be refused, since they do not know what those do.
func (e endpoint) usual() bool {
	for _, name := range []string{
		"signup", "login", "logout", "reauthenticate", "me", "me.update", "me.delete", "password", "sessions", "session.end",
		"sessions.end", "users", "user", "user.role", "user.disabled", "user.sessions.end",
	} {
		if e.Name == name {
			return true
		}
	}
	return false
}

// unsafe reports whether the route may change something.
func (e endpoint) unsafe() bool { return e.Method != http.MethodGet }

// refusesOrigins reports whether the route must refuse requests from other origins.
func (s *site) refusesOrigins(e endpoint) bool { return e.unsafe() && !s.AllowsCrossOrigin(e.Name) }

// may reports whether a user with that role may call the route.
func may(role auth.Role, r auth.Route) bool {
	//authgen:if permissions
	if r.Permission != 0 && !role.Has(r.Permission) {
		return false
	}
	//authgen:end
	return r.Role == 0 || role.AtLeast(r.Role)
}

// roles returns all roles, from the lowest to the highest.
func roles() []auth.Role {
	var all []auth.Role
	for role := auth.Role(1); ; role++ {
		if _, err := role.MarshalText(); err != nil {
			return all
		}
		all = append(all, role)
	}
}

// administrator returns the highest role.
func administrator() auth.Role {
	all := roles()
	return all[len(all)-1]
}

// serving returns the routes of the table that match the method and the path.
func (s *site) serving(method, path string) []endpoint {
	var found []endpoint
	for _, e := range s.table {
		if (e.Method == method || e.Method == http.MethodGet && method == http.MethodHead) && matches(e.Path, path) {
			found = append(found, e)
		}
	}
	return found
}

// strange reports whether a request may reach a route that attacks do not know.
func (s *site) strange(method, path string) bool {
	for _, e := range s.serving(method, path) {
		if !e.usual() {
			return true
		}
	}
	return false
}

// matches reports whether the path matches the pattern of a route.
func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// call is a request without the visitor who sends it.
type call struct {
	transport    *http.Transport
	method, path string
	form         bool // whether the route takes a form
	body         string
	contentType  string
}

// call returns a call of the named route. The segment replaces its parameters.
func (s *site) call(name string, segment ...string) call { return s.named[name].call(segment...) }

func (e endpoint) call(segment ...string) call {
	parts := strings.Split(e.Path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = nobodysID
			if len(segment) > 0 {
				parts[i] = segment[0]
			}
		}
	}
	c := call{transport: e.transport, method: e.Method, path: strings.Join(parts, "/"), form: e.Form, contentType: "application/json"}
	if e.Form {
		c.contentType = "application/x-www-form-urlencoded"
	}
	return c
}

// by returns the call with another method.
func (c call) by(method string) call {
	c.method = method
	return c
}

// plus returns the call with more at the end of its path.
func (c call) plus(more string) call {
	c.path += more
	return c
}

// text returns the call with a body.
func (c call) text(body string) call {
	c.body = body
	return c
}

// with returns the call with a body of alternating names and values, in the encoding
// that the route takes.
func (c call) with(pairs ...any) call {
	if !c.form {
		return c.text(object(pairs...))
	}
	values := make(url.Values)
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return c.text(values.Encode())
}

// object encodes alternating names and values as a JSON object.
func object(pairs ...any) string {
	fields := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	b, err := json.Marshal(fields)
	if err != nil {
		panic(err) // only possible for a value that cannot be encoded
	}
	return string(b)
}

// harmless returns a valid call of the route that gains nothing for its sender, and
// reports whether the route takes a body.
func (s *site) harmless(e endpoint) (c call, body bool) {
	c = e.call()
	switch e.Name {
	case "signup", "login":
		return c.with("email", s.newEmail(), "password", newPassword()), true
	case "reauthenticate":
		return c.with("password", newPassword()), true
	case "me.update":
		return c.with(), true
	case "password":
		return c.with("current", newPassword(), "new", newPassword()), true
	case "user.role":
		return c.with("role", auth.DefaultRole), true
	case "user.disabled":
		return c.with("disabled", true), true
	}
	return c, false
}
