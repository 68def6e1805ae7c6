package answers

import (
	"cmp"
	"slices"
)

// A Router is a router that the routes can be written for. What differs between
// routers beyond its entry is in the templates: adapters/<folder> has the adapter, and
// apps/<folder> the router's part of the demo.
type Router struct {
	Value

	Module string // "" for the standard library's
	Oldest string // as in [Versions]
	Pins   []Pin  // newest first

	// Import is the path of the package that makes the router, Package that
	// package's name, and Constructors its functions that do so.
	Import       string
	Package      string
	Constructors []string
	Types        []string // its types for the router
	// Same are the router's methods that return the router itself, and Serves those
	// that have it answer requests.
	Same, Serves []string
	// Registers are functions of the package that add a route to the router that is
	// in the variable Default.
	Registers []string
	Default   string
	// Adds are its methods that add routes, and Clashing is what it does with those that
	// match the same request. Subtree is whether a path that ends in a slash stands for
	// everything below it, and Loose whether the case of a path, and a slash at its end,
	// do not matter.
	Adds           []Adding
	Clashing       Clashing
	Subtree, Loose bool
	// Fallback is its method or field for what answers requests that no route matches.
	Fallback string
	// Secondary is whether the router ranks below others that a project uses as much.
	Secondary bool
	// Imports are the names of further packages that emitted code or its tests import.
	Imports []string

	// Tags are what directives call the router: first the name of its folders, which
	// older majors share, then its own name if that is another, then traits.
	Tags []string
	// Older rewrites code for the current major version into code for an older one.
	Older Rewriting

	// The following are Go code. {r} stands for the router, {prefix} for the path
	// below which the routes are.

	Variable string // what the router is mostly called
	Before   string // lines that come before Use; may be empty
	// Use gives the router the middleware for all requests. If it is empty, the
	// router is served through Middleware instead.
	Use string
	// Late says what happens if Use comes after a route; empty if it makes no difference.
	// LateParts is whether the same happens if it comes after a group was made.
	Late      string
	LateParts bool
	// Forward has the router pass requests to routes that are in a ServeMux; it is
	// empty for the ServeMux itself.
	Forward string
	// Forwards is the path of a package that Forward names beside the router's own.
	Forwards string
	// Timeouts gives its server timeouts; empty if that is an http.Server.
	Timeouts string
	Guard    string // a route with a guard, for the documentation
}

// Rewriting is what is replaced in templates: import paths and expressions. Where more
// than that differs, the templates have directives.
type Rewriting struct{ Imports, Exprs map[string]string }

// What happens if a router gets middleware after a route.
const (
	LatePanics = "panics" // Use panics
	LateSkips  = "skips"  // earlier routes do not get the middleware
)

// A Function is one of a package that authgen only recognizes.
type Function struct{ Import, Name string }

// AddressRewriters are middleware that replaces the address of the client by what a
// header says, whoever sent it.
var AddressRewriters = []Function{
	{"github.com/go-chi/chi/v5/middleware", "RealIP"},
	{"github.com/gorilla/handlers", "ProxyHeaders"},
}

// Traits of several routers, for templates that do not name one.
const (
	handler     = "handler"      // handlers are those of net/http
	httpRequest = "http_request" // requests are those of net/http
	allowHeader = "allow_header" // 405 says what is allowed, whatever the method, in all versions
	// If one route has a literal where another has a parameter, the literal takes
	// precedence. Without this trait, a table may not have both.
	literalFirst = "literal_first"
)

var traits = []string{handler, httpRequest, allowHeader, literalFirst}

// What the methods of a router do in all its major versions.
var (
	echoAdds = []Adding{
		{upperVerbs, "named path"},
		{"Any", "path"},
		{"Add Match", "method path"},
		{"File FileFS", "get path"},
		{"Static StaticFS", "get subtree"},
		{"Group", "part path"},
		{"Host", "part host"},
		{"AddRoute", "struct"},
	}
	fiberAdds = []Adding{
		{titleVerbs, "named path"},
		{"All", "path"},
		{"Add", "method path"},
		{"Static", "get subtree"},
		{"Mount", "mount"},
		{"Use", "use"},
		{"Group", "part path use"},
		{"Route", "part path"},
	}
)

// Routers are the routers that authgen knows.
var Routers = []Router{
	{
		Value:        Value{"net/http", "the standard library's ServeMux, no dependency; has no groups, so each route names its guard"},
		Import:       "net/http",
		Package:      "http",
		Constructors: []string{"NewServeMux"},
		Types:        []string{"ServeMux"},
		Registers:    []string{"Handle", "HandleFunc"},
		Default:      "http.DefaultServeMux",
		Secondary:    true, // beside another router, a ServeMux mostly serves pprof or health
		Adds:         []Adding{{"Handle HandleFunc", "pattern"}},
		Clashing:     Specific,
		Subtree:      true,
		Tags:         []string{"nethttp", handler, httpRequest, allowHeader, literalFirst},
		Variable:     "mux",
		Guard:        `{r}.Handle("GET /x", a.RequireUser(h))`,
	},
	{
		Value:        Value{"chi", "go-chi/chi v5: small, handlers of net/http, groups of routes; middleware must come before routes"},
		Module:       "github.com/go-chi/chi/v5",
		Oldest:       "v5.0.0",
		Pins:         []Pin{{"v5.5.0", "1.24"}},
		Import:       "github.com/go-chi/chi/v5",
		Package:      "chi",
		Constructors: []string{"NewRouter", "NewMux"},
		Types:        []string{"Mux", "Router"},
		Adds: []Adding{
			{titleVerbs, "named path"},
			{"Handle HandleFunc", "pattern"},
			{"Method MethodFunc", "method path"},
			{"Mount", "mount"},
			{"Route", "part path"},
			{"Group With", "part"},
		},
		Fallback:  "NotFound",
		Tags:      []string{"chi", handler, httpRequest, literalFirst},
		Variable:  "r",
		Use:       `{r}.Use(a.Middleware)`,
		Late:      LatePanics,
		LateParts: true,
		Forward:   `{r}.Handle("{prefix}/*", routes)`,
		Guard:     `{r}.With(a.RequireUser).Get("/x", h)`,
	},
	{
		Value:        Value{"gorilla", "gorilla/mux: handlers of net/http, long established; no release since 2023"},
		Module:       "github.com/gorilla/mux",
		Oldest:       "v1.7.0",
		Pins:         []Pin{{"v1.8.1", "1.20"}},
		Import:       "github.com/gorilla/mux",
		Package:      "mux",
		Constructors: []string{"NewRouter"},
		Types:        []string{"Router"},
		Same:         []string{"StrictSlash", "SkipClean", "UseEncodedPath"},
		Adds: []Adding{
			{"Handle HandleFunc", "path"},
			{"Handler HandlerFunc", "here"},
			{"Path", "part path"},
			{"PathPrefix", "part subtree"},
			{"Methods", "part method"},
			{"Host", "part host"},
			{"Subrouter Name NewRoute Schemes Headers HeadersRegexp Queries MatcherFunc", "part"},
		},
		Clashing: Order,
		Fallback: "NotFoundHandler",
		Tags:     []string{"gorilla", handler, httpRequest, allowHeader, literalFirst},
		Variable: "r",
		Forward:  `{r}.PathPrefix("{prefix}/").Handler(routes)`,
		Guard:    `{r}.Handle("/x", a.RequireUser(h))`,
	},
	{
		Value:        Value{"gin", "gin-gonic/gin: fast, many ready-made parts; its own handlers, and about 18 more modules in the binary"},
		Module:       "github.com/gin-gonic/gin",
		Oldest:       "v1.7.0",
		Pins:         []Pin{{"v1.12.0", "1.25.0"}, {"v1.11.0", "1.23.0"}},
		Import:       "github.com/gin-gonic/gin",
		Package:      "gin",
		Constructors: []string{"Default", "New"},
		Types:        []string{"Engine"},
		Same:         []string{"Handler", "With"},
		Serves:       []string{"Run", "RunTLS", "RunUnix", "RunFd", "RunListener", "RunQUIC"},
		Adds: []Adding{
			{upperVerbs, "named path"},
			{"Any", "path"},
			{"Handle Match", "method path"},
			{"StaticFile StaticFileFS", "get path"},
			{"Static StaticFS", "get subtree"},
			{"Group", "part path"},
		},
		Clashing:  Names,
		Fallback:  "NoRoute",
		Tags:      []string{"gin", httpRequest, literalFirst},
		Variable:  "engine",
		Before:    `{r}.HandleMethodNotAllowed = true // optional: a wrong method gets 405, not 404, on your own routes too`,
		Use:       `{r}.Use(a.Middleware)`,
		Late:      LateSkips,
		LateParts: true,
		Forward:   `{r}.Any("{prefix}/*path", gin.WrapH(routes))`,
		Guard:     `{r}.GET("/x", a.RequireUser, h)`,
	},
	{
		Value:        Value{"echo", "labstack/echo v5: handlers that return errors, groups of routes; its own handlers"},
		Module:       "github.com/labstack/echo/v5",
		Oldest:       "v5.0.0",
		Pins:         []Pin{{"v5.4.4", "1.25.0"}},
		Import:       "github.com/labstack/echo/v5",
		Package:      "echo",
		Constructors: []string{"New", "NewWithConfig"},
		Types:        []string{"Echo"},
		Serves:       []string{"Start", "StartTLS"},
		Adds:         echoAdds,
		Fallback:     "RouteNotFound",
		Tags:         []string{"echo", httpRequest, allowHeader, literalFirst},
		Variable:     "e",
		Use:          `{r}.Use(a.Middleware)`,
		Forward:      `{r}.Any("{prefix}/*", echo.WrapHandler(routes))`,
		Guard:        `{r}.GET("/x", h, a.RequireUser)`,
	},
	{
		Value:        Value{"echo/v4", "labstack/echo v4, for programs that use it; maintained until the end of 2026"},
		Module:       "github.com/labstack/echo/v4",
		Oldest:       "v4.5.0",
		Pins:         []Pin{{"v4.16.0", "1.25.0"}, {"v4.15.1", "1.24.0"}},
		Import:       "github.com/labstack/echo/v4",
		Package:      "echo",
		Constructors: []string{"New"},
		Types:        []string{"Echo"},
		Serves:       []string{"Start", "StartTLS", "StartAutoTLS", "StartServer", "StartH2CServer"},
		Adds:         echoAdds,
		Fallback:     "RouteNotFound",
		Tags:         []string{"echo", "echo4", httpRequest, literalFirst},
		Older: Rewriting{
			Imports: map[string]string{"github.com/labstack/echo/v5": "github.com/labstack/echo/v4"},
			Exprs: map[string]string{
				"*echo.Context":                    "echo.Context",
				"func(c *echo.Context, err error)": "func(err error, c echo.Context)",
				"e.Router().Routes()":              "e.Routes()",
			},
		},
		Variable: "e",
		Use:      `{r}.Use(a.Middleware)`,
		Forward:  `{r}.Any("{prefix}/*", echo.WrapHandler(routes))`,
		Guard:    `{r}.GET("/x", h, a.RequireUser)`,
	},
	{
		Value:        Value{"fiber", "gofiber/fiber v3: built on fasthttp; its own handlers, and middleware of net/http needs an adaptor"},
		Module:       "github.com/gofiber/fiber/v3",
		Oldest:       "v3.0.0",
		Pins:         []Pin{{"v3.5.0", "1.25.0"}},
		Import:       "github.com/gofiber/fiber/v3",
		Package:      "fiber",
		Constructors: []string{"New"},
		Types:        []string{"App"},
		Same:         []string{"Handler"},
		Serves:       []string{"Listen", "Listener"},
		Imports:      []string{"adaptor", "fasthttp"},
		Adds:         fiberAdds,
		Clashing:     Order,
		Loose:        true,
		Tags:         []string{"fiber", allowHeader, literalFirst},
		Variable:     "app",
		// They have to be there before the application is made.
		Before:   `// better with the settings that register.go names`,
		Use:      `{r}.Use(a.Middleware)`,
		Late:     LateSkips,
		Forward:  `{r}.All("{prefix}/*", adaptor.HTTPHandler(a.Middleware(routes)))`,
		Forwards: "github.com/gofiber/fiber/v3/middleware/adaptor",
		Timeouts: "fiber.Config{ReadTimeout: 10 * time.Second}",
		Guard:    `{r}.Get("/x", a.RequireUser, h)`,
	},
	{
		Value:        Value{"fiber/v2", "gofiber/fiber v2, for programs that use it; gets fixes only"},
		Module:       "github.com/gofiber/fiber/v2",
		Oldest:       "v2.30.0",
		Pins:         []Pin{{"v2.52.15", "1.20"}},
		Import:       "github.com/gofiber/fiber/v2",
		Package:      "fiber",
		Constructors: []string{"New"},
		Types:        []string{"App"},
		Same:         []string{"Handler"},
		Serves:       []string{"Listen", "Listener", "ListenTLS", "ListenMutualTLS", "ListenTLSWithCertificate"},
		Imports:      []string{"adaptor", "fasthttp"},
		Adds:         fiberAdds,
		Clashing:     Order,
		Loose:        true,
		Tags:         []string{"fiber", "fiber2", allowHeader, literalFirst},
		Older: Rewriting{
			Imports: map[string]string{"github.com/gofiber/fiber/v3": "github.com/gofiber/fiber/v2"},
			Exprs: map[string]string{
				"fiber.Ctx":                 "*fiber.Ctx",
				"c.Context":                 "c.UserContext",
				"c.SetContext":              "c.SetUserContext",
				"c.RequestCtx":              "c.Context",
				"t.c.RequestCtx":            "t.c.Context",
				"[]string{route.Method}":    "route.Method",
				"[]string{http.MethodHead}": "http.MethodHead",
				"Verify(c)":                 "Verify(c.Context())", // neither of which is the context of the request
			},
		},
		Variable: "app",
		Before:   `// better with the settings that register.go names`,
		Use:      `{r}.Use(a.Middleware)`,
		Late:     LateSkips,
		Forward:  `{r}.All("{prefix}/*", adaptor.HTTPHandler(a.Middleware(routes)))`,
		Forwards: "github.com/gofiber/fiber/v2/middleware/adaptor",
		Timeouts: "fiber.Config{ReadTimeout: 10 * time.Second}",
		Guard:    `{r}.Get("/x", a.RequireUser, h)`,
	},
}

// OtherRouters are routers that authgen has no routes for.
var OtherRouters = []Other{
	{Name: "chi before v5", Import: "github.com/go-chi/chi"},
	{Name: "chi before v5", Import: "github.com/pressly/chi"},
	{Name: "echo before v4", Import: "github.com/labstack/echo"},
	{Name: "fiber before v2", Import: "github.com/gofiber/fiber", Apart: true},
	{Name: "httprouter", Import: "github.com/julienschmidt/httprouter"},
	{Name: "httptreemux", Import: "github.com/dimfeld/httptreemux"},
	{Name: "bunrouter", Import: "github.com/uptrace/bunrouter"},
	{Name: "ozzo-routing", Import: "github.com/go-ozzo/ozzo-routing"},
	{Name: "go-restful", Import: "github.com/emicklei/go-restful"},
	{Name: "beego", Import: "github.com/beego/beego"},
	{Name: "beego", Import: "github.com/astaxie/beego"},
	{Name: "iris", Import: "github.com/kataras/iris"},
	{Name: "buffalo", Import: "github.com/gobuffalo/buffalo"},
	{Name: "revel", Import: "github.com/revel/revel"},
	{Name: "martini", Import: "github.com/go-martini/martini"},
	{Name: "macaron", Import: "gopkg.in/macaron.v1"},
	{Name: "Flamego", Import: "github.com/flamego/flamego"},
	{Name: "goji", Import: "goji.io"},
	{Name: "goji", Import: "github.com/zenazn/goji"},
	{Name: "pat", Import: "github.com/bmizerany/pat"},
	{Name: "bone", Import: "github.com/go-zoo/bone"},
	{Name: "grpc-gateway", Import: "github.com/grpc-ecosystem/grpc-gateway"},
	{Name: "hertz", Import: "github.com/cloudwego/hertz/pkg/app/server", Apart: true},
	{Name: "GoFrame", Import: "github.com/gogf/gf/v2/net/ghttp"},
	{Name: "go-zero", Import: "github.com/zeromicro/go-zero/rest"},
	{Name: "Kratos", Import: "github.com/go-kratos/kratos/v2/transport/http"},
	{Name: "fasthttp", Import: "github.com/fasthttp/router", Apart: true},
	{Name: "fasthttp", Import: "github.com/buaazp/fasthttprouter", Apart: true},
	{Name: "fasthttp", Import: "github.com/valyala/fasthttp", Apart: true},
}

// RouterNamed returns the router that the answer stands for, or a zero one.
func RouterNamed(name string) Router { return named(Routers, name) }

// Folder is the name of the router's folders among the templates.
func (r Router) Folder() string { return r.Tags[0] }

// Names returns the tags that name the router, without its traits.
func (r Router) Names() []string {
	return slices.DeleteFunc(slices.Clone(r.Tags), func(tag string) bool { return slices.Contains(traits, tag) })
}

// Standard reports whether the router is in the standard library.
func (r Router) Standard() bool { return r.Module == "" }

// ServerTimeouts is Go code that gives a server of the router timeouts.
func (r Router) ServerTimeouts() string {
	return cmp.Or(r.Timeouts, "http.Server{ReadHeaderTimeout: 5 * time.Second}")
}

// Wraps reports whether the package's Middleware wraps any handler of net/http.
func (r Router) Wraps() bool { return slices.Contains(r.Tags, handler) }

// Requests reports whether handlers get the requests of net/http.
func (r Router) Requests() bool { return slices.Contains(r.Tags, httpRequest) }
