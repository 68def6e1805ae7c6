package project

import (
	"testing"

	"golang.org/x/tools/txtar"
)

// The environment variable that has the data source name is found where nothing is added to
// its value.
func TestSourceVariable(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{`db, _ := sql.Open("postgres", os.Getenv("DSN"))`, "DSN"},
		{`dsn := os.Getenv("DSN"); if dsn == "" { dsn = "postgres://localhost" }; db, _ := sql.Open("postgres", dsn)`, "DSN"},
		{`dsn, ok := os.LookupEnv("DSN"); if !ok { return }; db, _ := sql.Open("postgres", dsn)`, "DSN"},
		{`c := config{url: os.Getenv("DSN")}; db, _ := sql.Open("postgres", c.url)`, "DSN"},
		{`c := load(); db, _ := sql.Open("postgres", c.URL)`, "URL_OF_DB"},
		{`db, _ := sql.Open("postgres", getenv("DSN", "postgres://localhost"))`, "DSN"},
		{`db := open(os.Getenv("DSN"))`, "DSN"},
		{`db := bun.NewDB(sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(os.Getenv("DSN")))), nil)`, "DSN"},
		{`db, _ := sql.Open("postgres", os.Getenv("DSN")+"?sslmode=disable")`, ""},
		{`db, _ := sql.Open("postgres", fmt.Sprintf("host=%s sslmode=disable", os.Getenv("HOST")))`, ""},
		{`dsn := os.Getenv("ONE"); if dsn == "" { dsn = os.Getenv("OTHER") }; db, _ := sql.Open("postgres", dsn)`, ""},
		{`db, _ := sql.Open("postgres", "postgres://localhost")`, ""},
	} {
		p, err := Load(writeTree(t, []txtar.File{
			{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.26.0\n")},
			{Name: "server.go", Data: []byte("package main\n\nimport \"net/http\"\n\nfunc serve(any) { mux := http.NewServeMux(); http.ListenAndServe(\":80\", mux) }\n")},
			{Name: "main.go", Data: []byte(`package main

import (
	"database/sql"
	"fmt"
	"os"

	_ "github.com/lib/pq"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"
)

type config struct{ url, URL string }

func load() (c config) {
	c.URL = os.Getenv("URL_OF_DB")
	return c
}

func getenv(key, other string) string {
	if value := os.Getenv(key); value != "" {
		return value
	}
	return other
}

func main() {
	` + tt.source + `
	serve(db)
}
`)},
			{Name: "open.go", Data: []byte("package main\n\nimport \"database/sql\"\n\nfunc open(dsn string) *sql.DB { db, _ := sql.Open(\"postgres\", dsn); return db }\n")},
		}))
		if err == nil {
			err = p.Survey()
		}
		if err != nil {
			t.Fatal(err)
		}
		h := p.MountPoint("net/http", "postgres", "github.com/lib/pq").Handle
		if h.Expr != "" || h.Opened.Text == "" {
			t.Fatalf("%s: it has %q, from %q", tt.source, h.Expr, h.Opened.Text)
		}
		if h.Variable != tt.want {
			t.Errorf("%s: variable %q, want %q", tt.source, h.Variable, tt.want)
		}
	}
}
