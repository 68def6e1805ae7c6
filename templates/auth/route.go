package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/token"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Route is a row of the application's table of routes: it says who may call which
// handler. The zero values are the strictest: by default, a route is for users who
// are logged in.
type Route struct {
	// Name identifies the route independently of its method and path. Package
	// authtest finds routes by name. It is optional for your own routes.
	Name string
	// Method is the HTTP method. A route for GET also answers HEAD.
	Method string
	// Path is the whole path. A segment such as {id} matches any one segment.
	Path string

	// Public lets everybody call the route. It excludes the restrictions below.
	Public bool
	// Role is the lowest role that may call the route. 0 means any role.
	Role Role
	// Permission is what the user's role must grant. 0 means nothing.
	//authgen:if permissions
	Permission Permission
	// Fresh requires a check of the user's credentials within Config.FreshFor.
	Fresh bool

	// Form marks a route that a page uses: its body is an HTML form, not JSON, and
	// errors are shown as a page.
	Form bool

	// Handler handles the requests that the fields above allow.
	Handler Handler

	crossOrigin bool   // Config.AllowCrossOrigin names the route
	methods     string // of a route for OPTIONS: what its path allows
}

// Handler handles a request. If it returns an error, that determines the status and
// headers of the answer, as in [Auth.WriteError]. Only the Page of the Answer is
// used then: it is shown instead of the problem.
type Handler func(*Request) (Answer, error)

// Answer is the answer of a handler. The zero Answer is 204 No Content. Its body is
// built in memory. For a body that is long, is streamed or has another type, use a
// handler of the router's own type: see transport.go.
type Answer struct {
	// Status defaults to 200 with a body, to 303 with Redirect, and to 204
	// otherwise.
	Status int
	// Value is the body, encoded as JSON.
	Value any
	// Page writes the body as HTML.
	Page func(io.Writer) error
	// Redirect is the path of this application to redirect to, without the path of
	// Config.BaseURL. Use [LocalPath] for a path that a visitor supplied.
	Redirect string

	answered bool // by a handler of the router's own type
}

// Request is a request to a Handler, independent of the router. It is valid until
// the handler returns.
type Request struct {
	transport
	route     Route
	principal Principal
}

// Context returns the context of the request, for [Verify] and the flows.
func (r *Request) Context() context.Context { return r.context() }

// Principal returns the Principal that the guard of the route has confirmed. On a
// public route it is the zero Principal; call [Verify] there to find out who the
// visitor is.
func (r *Request) Principal() Principal { return r.principal }

// PathValue returns the decoded segment of the path that {name} matched.
func (r *Request) PathValue(name string) string { return r.pathValue(name) }

// Query returns the first value of a query parameter, or "".
func (r *Request) Query(name string) string { return r.query(name) }

// Read reads the body into the fields: a JSON object or, if the route has Form set,
// an HTML form. The error is an [InputError] if the body has an unknown or duplicate
// field, or a value of the wrong type. Absent fields are left unchanged.
func (r *Request) Read(into Fields) error {
	mediaType, refusal := "application/json", errNotJSON
	if r.route.Form {
		mediaType, refusal = "application/x-www-form-urlencoded", errNotForm
	}
	if !isType(r.header(), mediaType) {
		return refusal
	}
	body, err := r.body()
	if err != nil {
		return err
	}
	if r.route.Form {
		return parseForm(body, into)
	}
	return parseJSON(body, into)
}

// allow is the check of the route's guard.
func (r Route) allow(p Principal) error {
	if err := p.Require(); err != nil {
		return err
	}
	if r.Role != 0 {
		if err := p.RequireRole(r.Role); err != nil {
			return err
		}
	}
	//authgen:if permissions
	if r.Permission != 0 {
		if err := p.RequirePermission(r.Permission); err != nil {
			return err
		}
	}
	//authgen:end
	if r.Fresh {
		return p.RequireFresh()
	}
	return nil
}

// respond calls the handler of a route, sets the header of the answer and returns
// its status and body. It reports true if a handler of the router's own type has
// already answered.
func (a *Auth) respond(header http.Header, request *http.Request, r *Request) (status int, body []byte, answered bool) {
	answer, err := r.route.Handler(r)
	switch {
	case answer.answered:
		return 0, nil, true
	case err != nil:
		status, body = a.errorAnswer(header, request, err, answer.Page)
	default:
		status, body = a.answer(header, request, answer)
	}
	return status, body, false
}

// answer sets the header for an answer, and returns its status and body.
func (a *Auth) answer(header http.Header, request *http.Request, answer Answer) (status int, body []byte) {
	switch {
	case answer.Redirect != "":
		to := ownPath(answer.Redirect)
		if to == nil {
			return a.errorAnswer(header, request, fmt.Errorf("auth: Answer.Redirect is %q, not a path of this application", answer.Redirect), nil)
		}
		status = a.redirect(header, to.String())
	case answer.Page != nil:
		body, err := encodePage(header, answer.Page)
		if err != nil {
			return a.errorAnswer(header, request, err, nil)
		}
		return cmp.Or(answer.Status, http.StatusOK), body
	case answer.Value != nil:
		return encodeJSON(header, cmp.Or(answer.Status, http.StatusOK), "application/json", answer.Value)
	default:
		status = http.StatusNoContent
	}
	return cmp.Or(answer.Status, status), nil
}

// addRows calls add for each row of a table, in order of precedence. If the router
// panics, such as for a path that conflicts with one of the application's other routes,
// so does addRows, with an error that names the row.
func (a *Auth) addRows(table []Route, add func(Route)) {
	for _, route := range a.rows(table) {
		func() {
			defer func() {
				if v := recover(); v != nil {
					panic(fmt.Errorf("auth: the router refuses route %s; change its path in the table, or that of another route: %v", route.label(), v))
				}
			}()
			add(route)
		}()
	}
}

// checkedRoutes returns the routes of a table in order of precedence: of two that
// match a path, the one with the literal segment comes first. It panics if the table
// is invalid, with an error that names what is wrong with each route.
func checkedRoutes(table []Route) []Route {
	var errs []error
	seen := make(map[string]bool)
	unique := func(r Route, what string) {
		if seen[what] {
			errs = append(errs, fmt.Errorf("auth: route %s is there twice", r.label()))
		}
		seen[what] = true
	}
	for _, r := range table {
		if err := r.check(); err != nil {
			errs = append(errs, fmt.Errorf("auth: route %s %w", r.label(), err))
			continue
		}
		unique(r, r.Method+" "+r.pattern(func(string) string { return "{}" }))
		if r.Name != "" {
			unique(r, r.Name)
		}
	}
	if err := errors.Join(errs...); err != nil {
		panic(err)
	}
	routes := slices.Clone(table)
	slices.SortStableFunc(routes, func(a, b Route) int {
		// A parameter sorts behind every literal.
		last := func(string) string { return "\x7f" }
		return strings.Compare(a.pattern(last), b.pattern(last))
	})
	return routes
}

// label returns the name of the route for messages.
func (r Route) label() string {
	label := fmt.Sprintf("%s %q", cmp.Or(r.Method, "without method"), r.Path)
	if r.Name != "" {
		label = fmt.Sprintf("%q (%s)", r.Name, label)
	}
	return label
}

// check returns an error if the route is invalid by itself.
func (r Route) check() error {
	restricted := r.Role != 0 || r.Fresh
	//authgen:if permissions
	restricted = restricted || r.Permission != 0
	//authgen:end
	switch {
	case !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, r.Method):
		return errors.New("has a method other than GET, POST, PUT, PATCH and DELETE")
	case r.Handler == nil:
		return errors.New("has no handler")
	case r.Public && restricted:
		return errors.New("is public and also requires a user")
	case r.Role != 0 && !r.Role.valid():
		return fmt.Errorf("requires the unknown role %d", r.Role)
	case !strings.HasPrefix(r.Path, "/"), strings.ContainsFunc(r.Path, func(c rune) bool { return !strings.ContainsRune(pathBytes, c) }):
		return errors.New("has a path that does not start with a slash, or that has characters other than ASCII letters, digits and / - . _ ~ + { }")
	}
	names := make(map[string]bool)
	for segment := range strings.SplitSeq(r.Path[1:], "/") {
		name, parameter := parameterOf(segment)
		switch {
		case segment == "" && r.Path != "/", segment == ".", segment == "..":
			return errors.New("has an empty segment or a dot segment in its path")
		case parameter && !token.IsIdentifier(name), !parameter && strings.ContainsAny(segment, "{}"):
			return fmt.Errorf("has the segment %q; a parameter is a whole segment such as {id}", segment)
		case parameter && names[name]:
			return fmt.Errorf("has the parameter %s twice", segment)
		}
		names[name] = true
	}
	return nil
}

// pathBytes are the bytes that clients and routers neither encode nor interpret.
const pathBytes = "/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+{}"

// parameterOf returns the name of a parameter such as {id}.
func parameterOf(segment string) (name string, ok bool) {
	if len(segment) < 2 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return "", false
	}
	return segment[1 : len(segment)-1], true
}

// matches reports whether the path of a request is one of the route's.
func (r Route) matches(path string) bool {
	return slices.EqualFunc(strings.Split(r.Path, "/"), strings.Split(path, "/"), func(want, got string) bool {
		_, parameter := parameterOf(want)
		return parameter || want == got
	})
}

// pattern returns the path with its parameters in the syntax of a router.
func (r Route) pattern(parameter func(name string) string) string {
	segments := strings.Split(r.Path, "/")
	for i, segment := range segments {
		if name, ok := parameterOf(segment); ok {
			segments[i] = parameter(name)
		}
	}
	return strings.Join(segments, "/")
}
