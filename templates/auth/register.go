package auth

import "net/http"

// Register adds a table of routes to mux:
//
//	mux := http.NewServeMux()
//	a.Register(mux, authweb.Routes(a))
//	mux.Handle("GET /invoices", a.RequireUser(listInvoices))
//	server := &http.Server{Handler: a.Middleware(mux)}
//
// Each route gets the checks and headers that its row requires. Register panics if
// the table is invalid: for instance, if a route has no handler, is there twice, or
// is public and also requires a role.
func (a *Auth) Register(mux *http.ServeMux, routes []Route) {
	a.addRows(routes, func(route Route) { mux.Handle(route.Method+" "+route.Path, a.serve(route)) })
}

func pathValue(r *http.Request, name string) string { return r.PathValue(name) }
