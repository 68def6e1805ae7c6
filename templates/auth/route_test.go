package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// page returns a page that shows a text.
func page(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "<!DOCTYPE html><p>%s</p>", text)
		return err
	}
}

// kindsOfRoutes returns a table with a handler of each kind.
func kindsOfRoutes() []Route {
	at := func(name string, h Handler) Route {
		return Route{Name: name, Method: "POST", Path: prefix + "/kinds/" + name, Public: true, Form: true, Handler: h}
	}
	answer := func(a Answer, err error) Handler {
		return func(*Request) (Answer, error) { return a, err }
	}
	return []Route{
		at("refused", answer(Answer{Status: http.StatusOK, Page: page("again")}, NewInputError("name", "missing", "is missing"))),
		at("unprocessable", answer(Answer{Status: http.StatusUnprocessableEntity, Page: page("again")}, nil)),
		at("page", answer(Answer{Page: page("hello")}, nil)),
		at("broken", answer(Answer{Page: func(io.Writer) error { return errors.New("no such template") }}, nil)),
		at("redirect", answer(Answer{Redirect: prefix + "/account?done=password"}, nil)),
		at("elsewhere", answer(Answer{Redirect: "//evil.example/"}, nil)),
		at("nothing", answer(Answer{}, nil)),
		at("accepted", answer(Answer{Status: http.StatusAccepted}, nil)),
		at("value", answer(Answer{Status: http.StatusCreated, Value: map[string]int{"n": 1}}, nil)),
		at("raw", rawHandler(http.StatusTeapot, "raw")),
		{Name: "read", Method: "POST", Path: prefix + "/kinds/read", Public: true, Form: true, Handler: func(r *Request) (Answer, error) {
			var name string
			var on bool
			if err := r.Read(Fields{"name": &name, "on": &on}); err != nil {
				return Answer{Page: page("again")}, err
			}
			return Answer{Value: map[string]any{"name": name, "on": on}}, nil
		}},
		{Name: "path", Method: "GET", Path: prefix + "/kinds/path/{a}/x/{b}", Public: true, Handler: func(r *Request) (Answer, error) {
			return Answer{Value: []string{r.PathValue("a"), r.PathValue("b"), r.PathValue("c"), r.Query("q"), r.Query("none")}}, nil
		}},
		{Name: "form.user", Method: "POST", Path: prefix + "/kinds/user", Form: true, Handler: answer(Answer{}, nil)},
		{Name: "page.user", Method: "GET", Path: prefix + "/kinds/user", Form: true, Handler: answer(Answer{Page: page("account")}, nil)},
		{Name: "json.user", Method: "POST", Path: prefix + "/kinds/json", Handler: answer(Answer{}, nil)},
	}
}

// form changes a request to one that a browser sends for a form.
func form(r *http.Request) {
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html,*/*;q=0.8")
}

func TestAnswers(t *testing.T) {
	app := newTestApp(t)
	app.server = startTLS(t, app.applicationWith(kindsOfRoutes()))
	b := app.browser(t)
	for _, test := range []struct {
		name        string
		status      int
		contentType string
		body        string // a part of the body, or "" for an empty body
		location    string
	}{
		{"refused", 400, "text/html; charset=utf-8", "again", ""}, // the error determines the status
		{"unprocessable", 422, "text/html; charset=utf-8", "again", ""},
		{"page", 200, "text/html; charset=utf-8", "hello", ""},
		{"broken", 500, "text/html; charset=utf-8", "Something went wrong.", ""},
		{"redirect", 303, "", "", prefix + "/account?done=password"},
		{"elsewhere", 500, "text/html; charset=utf-8", "Something went wrong.", ""},
		{"nothing", 204, "", "", ""},
		{"accepted", 202, "", "", ""},
		{"value", 201, "application/json", `{"n":1}`, ""},
	} {
		got := b.want(test.status, "POST", prefix+"/kinds/"+test.name, "", form)
		if contentType := got.Header.Get("Content-Type"); test.contentType != "" && contentType != test.contentType {
			t.Errorf("%s: Content-Type %q, want %q", test.name, contentType, test.contentType)
		}
		if !strings.Contains(got.Body, test.body) || test.body == "" && got.Body != "" {
			t.Errorf("%s: body %q, want %q", test.name, got.Body, test.body)
		}
		if location := got.Header.Get("Location"); location != test.location {
			t.Errorf("%s: Location %q, want %q", test.name, location, test.location)
		}
		policy := dataPolicy
		if strings.HasPrefix(test.contentType, "text/html") {
			policy = pagePolicy
		}
		if got.Header.Get("Content-Security-Policy") != policy || got.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: headers %v, want the policy %q and X-Frame-Options DENY", test.name, got.Header, policy)
		}
	}
	// A handler of the router writes its own response, with the same headers.
	got := b.want(http.StatusTeapot, "POST", prefix+"/kinds/raw", "", form)
	if got.Body != "raw" || got.Header.Get("Content-Security-Policy") != dataPolicy {
		t.Errorf("raw: body %q, headers %v", got.Body, got.Header)
	}
	b.wantCode(http.StatusForbidden, "cross_origin", "POST", prefix+"/kinds/raw", "", func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	})
}

func TestPathValues(t *testing.T) {
	app := newTestApp(t)
	app.server = startTLS(t, app.applicationWith(kindsOfRoutes()))
	b := app.browser(t)
	got := b.want(http.StatusOK, "GET", prefix+"/kinds/path/one/x/two?q=a&q=b", "")
	if want := `["one","two","","a",""]` + "\n"; got.Body != want {
		t.Errorf("values: %s, want %s", got.Body, want)
	}
	got = b.want(http.StatusOK, "GET", prefix+"/kinds/path/a%20b/x/%C3%A4%2Bc", "")
	if want := `["a b","ä+c","","",""]` + "\n"; got.Body != want {
		t.Errorf("encoded values: %s, want %s", got.Body, want)
	}
	if got := b.want(http.StatusOK, "HEAD", prefix+"/kinds/path/one/x/two", ""); got.Body != "" {
		t.Errorf("HEAD: body %q, want none", got.Body)
	}
}

// The route determines whether a body is a form or JSON. Both are parsed strictly.
func TestForms(t *testing.T) {
	app := newTestApp(t)
	app.server = startTLS(t, app.applicationWith(append(usualRoutes(app.Auth), kindsOfRoutes()...)))
	b := app.browser(t)
	path := prefix + "/kinds/read"
	for body, want := range map[string]string{
		"name=Ann+B%C3%A4r&on=on": `{"name":"Ann Bär","on":true}`,
		"name=&on=":               `{"name":"","on":false}`,
		"on=true":                 `{"name":"","on":true}`,
		"on=false&name=%3Cb%3E":   `{"name":"\u003cb\u003e","on":false}`,
		"":                        `{"name":"","on":false}`,
	} {
		if got := b.want(http.StatusOK, "POST", path, body, form); got.Body != want+"\n" {
			t.Errorf("%s: %s, want %s", body, got.Body, want)
		}
	}
	for body, field := range map[string]string{
		"name=a&name=b":        "name",
		"name=a&role=admin":    "role",
		"on=maybe":             "on",
		"name=%ff":             "name",
		"name=%zz":             "body",
		"name=a;on=true":       "body",
		"Name=a":               "Name",
		`{"name":"a"}`:         `{"name":"a"}`,
		"name=a&name[]=b":      "name[]",
		"__proto__=x&on=true":  "__proto__",
		"name=a&on=on&on=true": "on",
	} {
		var invalid *InputError
		if err := parseForm([]byte(body), Fields{"name": new(string), "on": new(bool)}); !errors.As(err, &invalid) || invalid.Fields[field].Code == "" {
			t.Errorf("%s: error %v, want one about %q", body, err, field)
		}
		got := b.want(http.StatusBadRequest, "POST", path, body, form)
		if !strings.Contains(got.Body, "again") {
			t.Errorf("%s: body %s, want the page of the handler", body, got.Body)
		}
	}
	b.wantCode(http.StatusUnsupportedMediaType, "unsupported_media_type", "POST", prefix+"/login", "email=a&password=b", func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	// The page that a handler returns with an error is shown for every error.
	got := b.want(http.StatusUnsupportedMediaType, "POST", path, `{"name":"a"}`)
	if !strings.Contains(got.Body, "again") {
		t.Errorf("JSON to a form: body %s, want the page of the handler", got.Body)
	}
}

// Refusals before the handler are a page for browsers on routes with Form, and a problem
// otherwise.
func TestRefusalsOfPages(t *testing.T) {
	app := newTestApp(t, func(c *Config) {
		c.ErrorPage = func(w io.Writer, p Problem) error { return page("refused: " + p.Code)(w) }
	})
	app.server = startTLS(t, app.applicationWith(append(usualRoutes(app.Auth), kindsOfRoutes()...)))
	b := app.browser(t)
	html := func(r *http.Request) { r.Header.Set("Accept", "text/html") }
	crossSite := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }

	got := b.want(http.StatusUnauthorized, "POST", prefix+"/kinds/user", "", html)
	if !strings.Contains(got.Body, "refused: unauthenticated") || got.Header.Get("Content-Security-Policy") != pagePolicy {
		t.Errorf("a form: body %s, headers %v; want ErrorPage with its policy", got.Body, got.Header)
	}
	got = b.want(http.StatusForbidden, "POST", prefix+"/kinds/user", "", html, crossSite)
	if !strings.Contains(got.Body, "refused: cross_origin") {
		t.Errorf("a form from another site: body %s, want ErrorPage", got.Body)
	}
	b.wantCode(http.StatusUnauthorized, "unauthenticated", "POST", prefix+"/kinds/user", "")
	b.wantCode(http.StatusUnauthorized, "unauthenticated", "POST", prefix+"/kinds/json", "", html)
	b.wantCode(http.StatusUnauthorized, "unauthenticated", "GET", prefix+"/me", "", html)
	status := http.StatusUnauthorized
	//authgen:if gate
	status = http.StatusSeeOther // there is a login page
	//authgen:end
	b.want(status, "GET", prefix+"/kinds/user", "", html)
}

// WriteError in the application's own handlers answers browsers with a page, too.
func TestErrorPageOfOwnHandlers(t *testing.T) {
	a := newOfflineAuth(t)
	router := a.applicationOf(testRoute{"POST /own", []testGuard{a.RequireUser}, status(func(context.Context) int {
		t.Error("the guard let a visitor pass")
		return http.StatusOK
	})})
	for accept, want := range map[string]string{
		"text/html,application/xhtml+xml": "text/html; charset=utf-8",
		"*/*":                             "application/problem+json",
		"":                                "application/problem+json",
	} {
		r := httptest.NewRequest("POST", "/own", nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Accept", accept)
		if w := exchange(router, r); w.Code != http.StatusUnauthorized || w.Header().Get("Content-Type") != want {
			t.Errorf("Accept %q: status %d, Content-Type %q; want 401, %q", accept, w.Code, w.Header().Get("Content-Type"), want)
		}
	}
}

// Register refuses an invalid table, and names the route.
func TestBrokenTables(t *testing.T) {
	ok := Route{Name: "ok", Method: "GET", Path: "/ok", Handler: func(*Request) (Answer, error) { return Answer{}, nil }}
	changed := func(change func(*Route)) []Route {
		r := ok
		r.Name, r.Path = "bad", "/bad"
		change(&r)
		return []Route{ok, r}
	}
	for name, test := range map[string]struct {
		table []Route
		want  string
	}{
		"no handler":            {changed(func(r *Route) { r.Handler = nil }), `"bad" (GET "/bad") has no handler`},
		"no method":             {changed(func(r *Route) { r.Method = "" }), "method"},
		"lower case":            {changed(func(r *Route) { r.Method = "get" }), "method"},
		"HEAD":                  {changed(func(r *Route) { r.Method = "HEAD" }), "method"},
		"no path":               {changed(func(r *Route) { r.Path = "" }), "path"},
		"not ASCII":             {changed(func(r *Route) { r.Path = "/bäd" }), "path"},
		"relative":              {changed(func(r *Route) { r.Path = "bad" }), "path"},
		"with a query":          {changed(func(r *Route) { r.Path = "/bad?x=y" }), "path"},
		"other syntax":          {changed(func(r *Route) { r.Path = "/bad/:id" }), "path"},
		"wildcard":              {changed(func(r *Route) { r.Path = "/bad/*" }), "path"},
		"rest of the path":      {changed(func(r *Route) { r.Path = "/bad/{id...}" }), `"{id...}"`},
		"end of the path":       {changed(func(r *Route) { r.Path = "/bad/{$}" }), "path"},
		"part of a segment":     {changed(func(r *Route) { r.Path = "/bad/x{id}" }), `"x{id}"`},
		"duplicate parameter":   {changed(func(r *Route) { r.Path = "/bad/{id}/{id}" }), "twice"},
		"empty segment":         {changed(func(r *Route) { r.Path = "/bad//x" }), "segment"},
		"trailing slash":        {changed(func(r *Route) { r.Path = "/bad/" }), "segment"},
		"dots":                  {changed(func(r *Route) { r.Path = "/bad/../x" }), "segment"},
		"public and fresh":      {changed(func(r *Route) { r.Public, r.Fresh = true, true }), "public"},
		"public and for a role": {changed(func(r *Route) { r.Public, r.Role = true, DefaultRole }), "public"},
		"unknown role":          {changed(func(r *Route) { r.Role = lastRole + 1 }), "role"},
		"same method and path":  {changed(func(r *Route) { r.Name, r.Path = "other", "/ok" }), "twice"},
		"other parameter name":  {append(changed(func(r *Route) { r.Path = "/bad/{a}" }), changed(func(r *Route) { r.Name, r.Path = "worse", "/bad/{b}" })[1]), "twice"},
		"duplicate name":        {changed(func(r *Route) { r.Name = "ok" }), "twice"},
	} {
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, test.want) || !strings.Contains(text, "auth: route") {
					t.Errorf("%s: panic %s, want one that says %s", name, text, test.want)
				}
			}()
			newOfflineAuth(t).applicationWith(test.table)
		}()
	}
	//authgen:if permissions
	if err := (Route{Method: "GET", Path: "/x", Public: true, Permission: 1, Handler: ok.Handler}).check(); err == nil {
		t.Error("a public route with a permission is accepted")
	}
	//authgen:end
	newOfflineAuth(t).applicationWith(changed(func(r *Route) { r.Method, r.Path, r.Name = "POST", "/ok", "" }))
}
