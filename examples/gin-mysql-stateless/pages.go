package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/gin-mysql-stateless/internal/auth"
	"example.com/gin-mysql-stateless/internal/auth/authweb"
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
func newHandler(a *auth.Auth) http.Handler {
	app := &app{a}
	r := gin.New()
	r.HandleMethodNotAllowed = true
	// gin's redirects bypass all middleware.
	r.RedirectTrailingSlash = false
	// Otherwise c.ClientIP trusts headers that any client can send.
	_ = r.SetTrustedProxies(nil) // never fails
	// Without a writer, since gin would write the request to it, including cookies.
	r.Use(gin.CustomRecoveryWithWriter(nil, app.recovered), app.secure, a.Middleware)

	get := func(path string, handlers ...gin.HandlerFunc) {
		r.Match([]string{http.MethodGet, http.MethodHead}, path, handlers...)
	}
	a.Register(r, authweb.Routes(a))
	get("/", app.home)
	get("/login", app.login)
	get("/dashboard", a.RequireUser, app.dashboard)
	get("/admin", a.RequireRole(auth.RoleAdmin), app.admin)
	get("/static/:file", gin.WrapH(http.FileServerFS(files)))
	return r
}

// recovered answers after a panic, whose value appears in neither the answer nor the
// log.
func (a *app) recovered(c *gin.Context, v any) {
	a.auth.WriteError(c, fmt.Errorf("panic of type %T\n%s", v, debug.Stack()))
}

// secure sets the headers of every page. The routes of the auth package set
// stricter ones.
func (a *app) secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if strings.HasPrefix(a.auth.BaseURL(), "https:") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
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
func (a *app) home(c *gin.Context) {
	a.render(c, "home", view{Title: "Welcome"})
}

func (a *app) login(c *gin.Context) {
	next := "/dashboard"
	next = auth.LocalPath(c.Query("next"), next)
	a.render(c, "login", view{Title: "Log in", Next: next})
}

// dashboard is for users.
func (a *app) dashboard(c *gin.Context) {
	p, err := auth.Verify(c.Request.Context())
	if err != nil {
		a.auth.WriteError(c, err)
		return
	}
	me, err := a.auth.DAL().Me(c.Request.Context(), p)
	if err != nil {
		a.auth.WriteError(c, err)
		return
	}
	a.render(c, "dashboard", view{Title: "Dashboard", Data: me})
}

// admin is for the highest role.
func (a *app) admin(c *gin.Context) {
	p, err := auth.Verify(c.Request.Context())
	if err != nil {
		a.auth.WriteError(c, err)
		return
	}
	data, err := a.adminData(c.Request.Context(), p)
	if err != nil {
		a.auth.WriteError(c, err)
		return
	}
	a.render(c, "admin", view{Title: "Admin", Data: data})
}

// render writes a page. It renders into memory first, so that an error never follows
// half a page.
func (a *app) render(c *gin.Context, name string, v view) {
	_, v.LoggedIn = auth.SessionFrom(c.Request.Context())
	v.Base, v.Prefix = a.auth.BasePath(), a.auth.Path("")
	var b bytes.Buffer
	if err := pages[name].ExecuteTemplate(&b, "layout", v); err != nil {
		a.auth.WriteError(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}
