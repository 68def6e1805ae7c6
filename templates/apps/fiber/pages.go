//authgen:if fiber

package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"path"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v3"

	"github.com/authgen/authgen/templates/auth"
)

//go:embed pages static
var files embed.FS

// pages holds the pages by name, each together with the layout.
var pages = func() map[string]*template.Template {
	m := make(map[string]*template.Template)
	for _, name := range []string{
		"home", "login", "dashboard",
		//authgen:if ranks
		"admin",
		//authgen:end
	} {
		m[name] = template.Must(template.ParseFS(files, "pages/layout.html", "pages/"+name+".html"))
	}
	return m
}()

// app holds what the handlers of the pages need.
type app struct {
	auth *auth.Auth
}

// secure sets the headers of every page; the routes of the auth package set stricter
// ones. It also recovers from panics, whose values appear in neither the answer nor
// the log.
func (a *app) secure(c fiber.Ctx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = a.auth.WriteError(c, fmt.Errorf("panic of type %T\n%s", v, debug.Stack()))
		}
	}()
	c.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("Referrer-Policy", "same-origin")
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("X-Frame-Options", "DENY")
	if strings.HasPrefix(a.auth.BaseURL(), "https:") {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return c.Next()
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
func (a *app) home(c fiber.Ctx) error {
	return a.render(c, "home", view{Title: "Welcome"})
}

func (a *app) login(c fiber.Ctx) error {
	next := "/dashboard"
	//authgen:if gate
	next = auth.LocalPath(c.Query("next"), next)
	//authgen:end
	return a.render(c, "login", view{Title: "Log in", Next: next})
}

// dashboard is for users.
func (a *app) dashboard(c fiber.Ctx) error {
	p, err := auth.Verify(c.Context())
	if err != nil {
		return err
	}
	me, err := a.auth.DAL().Me(c.Context(), p)
	if err != nil {
		return err
	}
	return a.render(c, "dashboard", view{Title: "Dashboard", Data: me})
}

// admin is for the highest role.
//
//authgen:if ranks
func (a *app) admin(c fiber.Ctx) error {
	p, err := auth.Verify(c.Context())
	if err != nil {
		return err
	}
	data, err := a.adminData(c.Context(), p)
	if err != nil {
		return err
	}
	return a.render(c, "admin", view{Title: "Admin", Data: data})
}

// render writes a page. It renders into memory first, so that an error never follows
// half a page.
func (a *app) render(c fiber.Ctx, name string, v view) error {
	_, v.LoggedIn = auth.SessionFrom(c.Context())
	v.Base, v.Prefix = a.auth.BasePath(), a.auth.Path("")
	var b bytes.Buffer
	if err := pages[name].ExecuteTemplate(&b, "layout", v); err != nil {
		return err
	}
	c.Set("Content-Type", "text/html; charset=utf-8")
	c.Set("Cache-Control", "no-store")
	return c.Send(b.Bytes())
}

// static serves the files in the static folder.
func (a *app) static(c fiber.Ctx) error {
	name := c.Params("file")
	data, err := files.ReadFile("static/" + name)
	if err != nil {
		return fiber.ErrNotFound
	}
	return c.Type(path.Ext(name), "utf-8").Send(data)
}
