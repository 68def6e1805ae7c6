package project

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// If the router is not known, the place for a ServeMux is before what serves the handler.
func TestMountBefore(t *testing.T) {
	const main = `package main

import (
	"database/sql"
	"log"
	"net/http"

	"github.com/julienschmidt/httprouter"
	_ "github.com/lib/pq"
)

`
	for _, tt := range []struct{ source, want string }{
		{`func main() {
	db, err := sql.Open("postgres", "")
	if err != nil {
		log.Fatal(err)
	}
	// Serve.
	log.Fatal(http.ListenAndServe(":80", build(db)))
}`, "main.go:16 after what is above http.ListenAndServe: mux, build(db) at main.go:18, db"},
		{`func main() {
	log.Fatal(http.ListenAndServe(":80", build(nil)))
}`, "main.go:12 after the beginning of main: mux, build(nil) at main.go:13, "},
		{`func serve(db *sql.DB, mux http.Handler) (err error) {
	if db != nil {
		return http.ListenAndServe(":80", build(db))
	}
	return nil
}`, "main.go:13 after what is above http.ListenAndServe: authMux, build(db) at main.go:14, db"},
		// A database that is opened there in a block before is out of reach.
		{`func main() {
	if db, err := sql.Open("postgres", ""); err == nil {
		_ = db.Ping()
	}
	http.ListenAndServe(":80", build(nil))
}`, "main.go:15 after what is above http.ListenAndServe: mux, build(nil) at main.go:16, "},
		// What redirects to it does not matter.
		{`func main() {
	go http.ListenAndServe(":80", http.HandlerFunc(http.NotFound))
	http.ListenAndServe(":443", build(nil))
}`, "main.go:13 after what is above http.ListenAndServe: mux, build(nil) at main.go:14, "},
		// What is served there may be what is looked for.
		{`func main() {
	serve(http.NewServeMux)
	http.ListenAndServe(":443", build(nil))
}

func serve(handler func() http.Handler) {
	http.ListenAndServe(":80", handler())
}`, "? after : mux,  at ?, "},
		// Not before one of two.
		{`func main() {
	go http.ListenAndServe(":80", build(nil))
	http.ListenAndServe(":81", build(nil))
}`, "? after : mux,  at ?, "},
		{`func main() {
	http.ListenAndServe(":80", func() http.Handler {
		return build(nil)
	}())
}`, "? after : mux,  at ?, "},
	} {
		p, err := Load(writeTree(t, []txtar.File{
			{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.26.0\n")},
			{Name: "main.go", Data: []byte(main + tt.source + "\n\nfunc build(db *sql.DB) http.Handler { return httprouter.New() }\n")},
		}))
		if err == nil {
			err = p.Survey()
		}
		if err != nil {
			t.Fatal(err)
		}
		m := p.MountPoint("net/http", "postgres", "github.com/lib/pq")
		got := fmt.Sprintf("%s after %s: %s, %s at %s, %s", m.Pos, m.After, m.Variable, m.Handler, m.Served.Pos, m.Handle.Expr)
		if got = strings.ReplaceAll(got, ":0", "?"); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s (%s)", tt.source, got, tt.want, m.Unclear)
		}
		if m.New != (m.Unclear == "") || m.New != (m.Handler != "") {
			t.Errorf("%s\nunclear: %q", tt.source, m.Unclear)
		}
	}
}
