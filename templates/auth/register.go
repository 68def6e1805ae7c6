package auth

import "net/http"

// Register adds the routes of a table to mux:
//
//	mux := http.NewServeMux()
//	a.Register(mux, authweb.Routes(a))
//	mux.Handle("GET /invoices", a.RequireUser(listInvoices))
//	server := &http.Server{Handler: a.Handler(mux)}
//
// Every route gets the checks and headers that its line asks for. Register panics
// if the table is broken: if a route has no handler, is there twice, or is public
// and asks for a user, too.
func (a *Auth) Register(mux *http.ServeMux, routes []Route) {
	for _, route := range checkedRoutes(routes) {
		mux.Handle(route.Method+" "+route.Path, a.serve(route))
	}
}

func pathValue(r *http.Request, name string) string { return r.PathValue(name) }
