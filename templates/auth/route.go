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

// Route is one line of an application's table of routes: who may call what. The
// zero values are the strict ones: a route that says nothing is for users who are
// logged in.
type Route struct {
	// Name identifies the route whatever its method and path are. Package authtest
	// finds routes by it. It is optional for routes of your own.
	Name string
	// Method is the HTTP method. A route for GET also answers HEAD.
	Method string
	// Path is the whole path. A segment such as {id} stands for any one segment.
	Path string

	// Public lets everybody call the route. It excludes the four fields below.
	Public bool
	// Role is the least role that a user needs, or 0.
	Role Role
	// Permission is what the user's role must grant, or 0.
	//authgen:if permissions
	Permission Permission
	// Fresh asks for a check of the user's credentials within Config.FreshFor.
	Fresh bool

	// Form marks a route of a page: the body is an HTML form instead of JSON, and
	// a browser gets refusals as a page.
	Form bool

	// Handler answers what the fields above let pass.
	Handler Handler
}

// Handler handles a request. An error decides the status and the headers of the
// answer, as [Auth.WriteError] does; of the Answer beside it, only the Page counts,
// which is shown in place of the problem.
type Handler func(*Request) (Answer, error)

// Answer is what a handler answers. The zero Answer is 204 No Content. The body is
// built in memory; what is long, streams or is of another type is for a handler of
// the router's own: see transport.go.
type Answer struct {
	// Status is 200 by default where there is a body, 303 with a Redirect, and else
	// 204.
	Status int
	// Value is the body as JSON.
	Value any
	// Page writes the body as HTML.
	Page func(io.Writer) error
	// Redirect is the path of this application that the browser goes to next. A
	// path that a visitor supplied has to pass through [LocalPath].
	Redirect string

	answered bool // by a handler of the router's own
}

// Request is what a Handler gets, whatever the router is. It is good until the
// handler returns.
type Request struct {
	transport
	route     Route
	principal Principal
}

// Context returns the context of the request, which is the one that [Verify] and the
// flows take.
func (r *Request) Context() context.Context { return r.context() }

// Principal returns the user whom the guard of the route has confirmed. On a
// public route it is the zero Principal, which everything refuses: to know who is
// there, call [Verify].
func (r *Request) Principal() Principal { return r.principal }

// PathValue returns the segment of the path that {name} stands for, decoded.
func (r *Request) PathValue(name string) string { return r.pathValue(name) }

// Query returns the first value of a query parameter, "" if there is none.
func (r *Request) Query(name string) string { return r.query(name) }

// Read reads the body into the fields: a JSON object or, where the route says so,
// an HTML form. It is an [InputError] if the body has a field that is not among
// them, has one twice, or has a value of another type. A field that is absent is
// left as it is.
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

// allow is the condition of the route's guard.
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

// respond calls the handler of a route, and returns what to answer with after the
// header of the answer was set. It reports true if the handler was one of the
// router's own, which has answered.
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

// answer returns the status and body of an answer, after the header was set.
func (a *Auth) answer(header http.Header, request *http.Request, answer Answer) (status int, body []byte) {
	switch {
	case answer.Redirect != "":
		to := ownPath(answer.Redirect)
		if to == nil {
			return a.errorAnswer(header, request, fmt.Errorf("auth: Answer.Redirect is %q, not a path of this application", answer.Redirect), nil)
		}
		status = redirect(header, to.String())
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

// checkedRoutes returns the routes of a table in an order in which, of two that
// fit a path, the one with the more literal segments comes first. It panics if the
// table is broken, and names what is wrong with each route.
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

// label is how messages name the route.
func (r Route) label() string {
	label := fmt.Sprintf("%s %q", cmp.Or(r.Method, "without method"), r.Path)
	if r.Name != "" {
		label = fmt.Sprintf("%q (%s)", r.Name, label)
	}
	return label
}

// check returns what is wrong with the route by itself.
func (r Route) check() error {
	restricted := r.Role != 0 || r.Fresh
	//authgen:if permissions
	restricted = restricted || r.Permission != 0
	//authgen:end
	switch {
	case !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, r.Method):
		return errors.New("has a method that is none of GET, POST, PUT, PATCH and DELETE")
	case r.Handler == nil:
		return errors.New("has no handler")
	case r.Public && restricted:
		return errors.New("is public and asks for a user, too")
	case r.Role != 0 && !r.Role.valid():
		return fmt.Errorf("asks for the role %d, which there is not", r.Role)
	case !strings.HasPrefix(r.Path, "/"), strings.ContainsFunc(r.Path, func(c rune) bool { return !strings.ContainsRune(pathBytes, c) }):
		return errors.New("has a path that does not start with a slash, or that holds more than letters and digits of ASCII and - . _ ~ + { }")
	}
	names := make(map[string]bool)
	for segment := range strings.SplitSeq(r.Path[1:], "/") {
		name, parameter := parameterOf(segment)
		switch {
		case segment == "" && r.Path != "/", segment == ".", segment == "..":
			return errors.New("has an empty segment, or a dot segment, in its path")
		case parameter && !token.IsIdentifier(name), !parameter && strings.ContainsAny(segment, "{}"):
			return fmt.Errorf("has the segment %q; a parameter is a whole segment such as {id}", segment)
		case parameter && names[name]:
			return fmt.Errorf("has the parameter %s twice", segment)
		}
		names[name] = true
	}
	return nil
}

// pathBytes are those that no client and no router encodes, or takes for something
// else.
const pathBytes = "/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+{}"

// parameterOf returns the name in a segment such as {id}.
func parameterOf(segment string) (name string, ok bool) {
	if len(segment) < 2 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return "", false
	}
	return segment[1 : len(segment)-1], true
}

// pattern is the path with its parameters as a router writes them.
func (r Route) pattern(parameter func(name string) string) string {
	segments := strings.Split(r.Path, "/")
	for i, segment := range segments {
		if name, ok := parameterOf(segment); ok {
			segments[i] = parameter(name)
		}
	}
	return strings.Join(segments, "/")
}
