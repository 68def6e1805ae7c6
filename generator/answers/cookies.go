package answers

// A CookieSetter is a function of a library that has a cookie set.
type CookieSetter struct {
	Import string // path of the package; a file that calls a method of what it makes imports it too
	Func   string
	Arg    int    // which argument is the name of the cookie; -1 if none is
	Prefix string // what is before the name in that argument
	// Default is the name of the cookie that the function has set unless another one is
	// assigned.
	Default string
}

// CookieSetters are functions that set a cookie without showing it as one.
var CookieSetters = []CookieSetter{
	{Import: "github.com/gorilla/sessions", Func: "Get", Arg: 1},
	{Import: "github.com/gorilla/sessions", Func: "New", Arg: 1},
	{Import: "github.com/gorilla/sessions", Func: "NewSession", Arg: 1},
	{Import: "github.com/gin-contrib/sessions", Func: "Sessions", Arg: 0},
	{Import: "github.com/labstack/echo-contrib/session", Func: "Get", Arg: 0},
	{Import: "github.com/alexedwards/scs", Func: "New", Arg: -1, Default: "session"},
	{Import: "github.com/alexedwards/scs", Func: "NewSession", Arg: -1, Default: "session"},
	{Import: "github.com/gofiber/fiber", Func: "FromCookie", Arg: 0},
}
