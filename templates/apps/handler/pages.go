//authgen:if handler

package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"runtime/debug"
	"strings"

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
func (a *app) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler: // the server handles it
				panic(v)
			default:
				a.auth.WriteError(w, r, fmt.Errorf("panic of type %T\n%s", v, debug.Stack()))
			}
		}()
		h := w.Header()
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
		next.ServeHTTP(w, r)
	})
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
func (a *app) home(w http.ResponseWriter, r *http.Request) {
	a.render(w, r, "home", view{Title: "Welcome"})
}

func (a *app) login(w http.ResponseWriter, r *http.Request) {
	next := "/dashboard"
	//authgen:if gate
	next = auth.LocalPath(r.URL.Query().Get("next"), next)
	//authgen:end
	a.render(w, r, "login", view{Title: "Log in", Next: next})
}

// dashboard is for users.
func (a *app) dashboard(w http.ResponseWriter, r *http.Request) {
	p, err := auth.Verify(r.Context())
	if err != nil {
		a.auth.WriteError(w, r, err)
		return
	}
	me, err := a.auth.DAL().Me(r.Context(), p)
	if err != nil {
		a.auth.WriteError(w, r, err)
		return
	}
	a.render(w, r, "dashboard", view{Title: "Dashboard", Data: me})
}

// admin is for the highest role.
//
//authgen:if ranks
func (a *app) admin(w http.ResponseWriter, r *http.Request) {
	p, err := auth.Verify(r.Context())
	if err != nil {
		a.auth.WriteError(w, r, err)
		return
	}
	data, err := a.adminData(r.Context(), p)
	if err != nil {
		a.auth.WriteError(w, r, err)
		return
	}
	a.render(w, r, "admin", view{Title: "Admin", Data: data})
}

// static serves the files in the static folder. It uses only the last element of the
// path: a "%2f" is decoded by now, so "..%2fpages" would lead to another folder.
func (a *app) static(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "static/"+path.Base(r.URL.Path))
}

// render writes a page. It renders into memory first, so that an error never follows
// half a page.
func (a *app) render(w http.ResponseWriter, r *http.Request, name string, v view) {
	_, v.LoggedIn = auth.SessionFrom(r.Context())
	v.Base, v.Prefix = a.auth.BasePath(), a.auth.Path("")
	var b bytes.Buffer
	if err := pages[name].ExecuteTemplate(&b, "layout", v); err != nil {
		a.auth.WriteError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = b.WriteTo(w)
}
