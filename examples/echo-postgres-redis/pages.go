package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v5"

	"example.com/echo-postgres-redis/internal/auth"
	"example.com/echo-postgres-redis/internal/auth/authweb"
)

//go:embed pages static
var files embed.FS

// pages holds the pages by name, each together with the layout.
var pages = func() map[string]*template.Template {
	m := make(map[string]*template.Template)
	for _, name := range []string{
		"home", "login", "dashboard",
		"admin",
	} {
		m[name] = template.Must(template.ParseFS(files, "pages/layout.html", "pages/"+name+".html"))
	}
	return m
}()

// app holds what the handlers of the pages need.
type app struct {
	auth *auth.Auth
}

// newHandler returns the whole application: the pages, and the routes that the
// pages' forms call.
func newHandler(a *auth.Auth) *echo.Echo {
	app := &app{a}
	e := echo.New()
	e.HTTPErrorHandler = handleErrors(a)
	e.Use(secure(a), a.Middleware)
	a.Register(e, authweb.Routes(a))
	get := []string{http.MethodGet, http.MethodHead}
	e.Match(get, "/", app.home)
	e.Match(get, "/login", app.login)
	e.Match(get, "/dashboard", app.dashboard, a.RequireUser)
	e.Match(get, "/admin", app.admin, a.RequireRole(auth.RoleAdmin))
	e.StaticFS("/static/", echo.MustSubFS(files, "static"))
	return e
}

// secure sets the headers of every page; the routes of the auth package set stricter
// ones. It also recovers from panics, whose values do not appear in the answer.
func secure(a *auth.Auth) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) (err error) {
			defer func() {
				switch v := recover(); v {
				case nil:
				case http.ErrAbortHandler:
					panic(v)
				default:
					err = fmt.Errorf("panic of type %T\n%s", v, debug.Stack())
				}
			}()
			h := c.Response().Header()
			h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
				"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Referrer-Policy", "same-origin")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			if strings.HasPrefix(a.BaseURL(), "https:") {
				h.Set("Strict-Transport-Security", "max-age=31536000")
			}
			return next(c)
		}
	}
}

// view is the data of a page.
type view struct {
	Title    string
	Base     string // of all links, for a proxy that removes a path
	Prefix   string // of the auth package's routes
	LoggedIn bool   // by the cookie alone, which is enough to show or hide a link
	Next     string
	Data     any
}

// home is public. It reads only the cookie.
func (a *app) home(c *echo.Context) error {
	return a.render(c, "home", view{Title: "Welcome"})
}

func (a *app) login(c *echo.Context) error {
	next := "/dashboard"
	next = auth.LocalPath(c.QueryParam("next"), next)
	return a.render(c, "login", view{Title: "Log in", Next: next})
}

// dashboard is for users.
func (a *app) dashboard(c *echo.Context) error {
	p, ok := auth.CurrentUser(c)
	if !ok {
		return auth.ErrUnauthenticated
	}
	me, err := a.auth.DAL().Me(c.Request().Context(), p)
	if err != nil {
		return err
	}
	return a.render(c, "dashboard", view{Title: "Dashboard", Data: me})
}

// admin is for the highest role.
func (a *app) admin(c *echo.Context) error {
	p, ok := auth.CurrentUser(c)
	if !ok {
		return auth.ErrUnauthenticated
	}
	data, err := a.adminData(c.Request().Context(), p)
	if err != nil {
		return err
	}
	return a.render(c, "admin", view{Title: "Admin", Data: data})
}

// render writes a page. It renders into memory first, so that an error never follows
// half a page.
func (a *app) render(c *echo.Context, name string, v view) error {
	_, v.LoggedIn = auth.SessionFrom(c.Request().Context())
	v.Base, v.Prefix = a.auth.BasePath(), a.auth.Path("")
	var b bytes.Buffer
	if err := pages[name].ExecuteTemplate(&b, "layout", v); err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}
