package answers

// A CookieSetter is what has a library set a cookie: a function, or a field of its
// settings.
type CookieSetter struct {
	// Import is the path of the package; a file that calls a method of what the package
	// makes imports it too. It is empty if the name says enough.
	Import string
	Func   string
	Field  string
	Arg    int    // which argument of the function is the name of the cookie; -1 if none is
	Prefix string // what is before the name there
	// Default is the name of the cookie that the function has set unless another one is
	// assigned.
	Default string
}

// CookieSetters have a cookie set without showing it as one.
var CookieSetters = []CookieSetter{
	{Import: "github.com/gorilla/sessions", Func: "Get", Arg: 1},
	{Import: "github.com/gorilla/sessions", Func: "New", Arg: 1},
	{Import: "github.com/gorilla/sessions", Func: "NewSession", Arg: 1},
	{Import: "github.com/gin-contrib/sessions", Func: "Sessions", Arg: 0},
	{Import: "github.com/labstack/echo-contrib/session", Func: "Get", Arg: 0},
	{Import: "github.com/alexedwards/scs", Func: "New", Arg: -1, Default: "session"},
	{Import: "github.com/alexedwards/scs", Func: "NewSession", Arg: -1, Default: "session"},
	{Func: "FromCookie", Arg: 0},
	{Field: "KeyLookup", Prefix: "cookie:"},
}
