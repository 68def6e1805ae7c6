package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgen/authgen/generator/answers"
)

// app builds, starts and tests the application. It starts it before the tests, since that
// applies its migrations.
func (a *application) app(ts *testscript.TestScript, args []string) {
	if a.before == nil {
		a.before = a.files(ts)
	}
	ts.Setenv("AUTH_KEYS", newKey())
	ts.Setenv("TEST_DATABASE_URL", a.database.url)
	ts.Check(ts.Exec("go", "build", "-ldflags=-w", "-o", a.program(), args[0]))
	ts.Check(ts.Exec("go", "vet", "./..."))
	a.serve(ts, func(v *visitor) { ts.Check(a.visit(v, args[1], prefixOf(ts))) })
	ts.Check(ts.Exec("go", "test", "-vet=off", "-ldflags=-w", "./..."))
}

// program returns the file that app builds.
func (a *application) program() string { return filepath.Join(a.dir, "program.exe") } // .exe for Windows

// serve starts the program, calls visit, and stops it.
func (a *application) serve(ts *testscript.TestScript, visit func(*visitor)) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Check(listener.Close())
	address := listener.Addr().String()
	ts.Setenv("ADDR", address)
	ts.Setenv("BASE_URL", "http://"+address)

	var output bytes.Buffer
	ctx, cancel := context.WithCancelCause(context.Background())
	server := exec.CommandContext(ctx, a.program())
	server.Dir, server.Env, server.Stdout, server.Stderr = ts.MkAbs("."), a.env(ts), &output, &output
	ts.Check(server.Start())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		cancel(fmt.Errorf("it exits: %v", server.Wait()))
	}()
	failed := true
	defer func() {
		cancel(nil)
		<-stopped
		if failed {
			ts.Logf("output of the application:\n%s", &output)
		}
	}()
	v := newVisitor("http://" + address)
	ts.Check(v.wait(ctx))
	visit(v)
	failed = false
}

// prefixOf returns the prefix of the package's routes.
func prefixOf(ts *testscript.TestScript) string {
	return cmp.Or(ts.Getenv("PREFIX"), answers.Default().Prefix)
}

// env returns the environment of the application.
func (a *application) env(ts *testscript.TestScript) []string {
	env := os.Environ()
	for _, name := range append([]string{"ADDR", "AUTH_KEYS", "BASE_URL"}, a.variables...) {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

// visit gets a path of the application, whose answer must be the first one. If auth is
// mounted, it signs up, logs in and out, and gets what needs that.
func (a *application) visit(v *visitor, path, prefix string) error {
	const email = "ada@example.com"
	account := fmt.Sprintf(`{"email":%q,"password":"eleven quiet otters"}`, email)
	type request struct {
		method, path, body string
		status             int
		want               string // in the body
	}
	requests := []request{{"GET", path, "", 200, a.answer}}
	if a.pasted.after != "" {
		requests = append(requests,
			request{"POST", prefix + "/signup", account, 201, email},
			request{"GET", prefix + "/me", "", 401, "unauthenticated"},
			request{"GET", a.guarded, "", 401, "unauthenticated"},
			request{"POST", prefix + "/login", account, 200, email},
			request{"GET", prefix + "/me", "", 200, email},
			request{"GET", a.guarded, "", 200, ""},
			request{"GET", path, "", 200, a.answer},
			request{"POST", prefix + "/logout", "", 204, ""},
			request{"GET", prefix + "/me", "", 401, "unauthenticated"},
		)
	}
	for _, r := range requests {
		status, body, err := v.do(r.method, r.path, r.body)
		if err != nil {
			return err
		}
		if r.path == path && a.answer == "" {
			a.answer = body
		}
		if status != r.status || !strings.Contains(body, r.want) || r.path == path && body != a.answer {
			return fmt.Errorf("%s %s: %d %s, want %d %s", r.method, r.path, status, body, r.status, r.want)
		}
	}
	return nil
}

// A visitor is a client that keeps cookies.
type visitor struct {
	base   string
	client *http.Client
}

func newVisitor(base string) *visitor {
	jar, _ := cookiejar.New(nil) // never fails
	return &visitor{base, &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// wait waits until the server answers.
func (v *visitor) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("it does not answer"))
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, "GET", v.base, nil)
		if err != nil {
			return err
		}
		response, err := v.client.Do(r)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// do sends a request as a page of the application does.
func (v *visitor) do(method, path, body string) (status int, answer string, err error) {
	r, err := http.NewRequest(method, v.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if method != "GET" {
		r.Header.Set("Origin", v.base)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := v.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	data, err := io.ReadAll(response.Body)
	return response.StatusCode, string(data), errors.Join(err, response.Body.Close())
}

// databaseServers are the servers on which there are databases for applications.
type databaseServers struct {
	dir   string // for the command that works on them
	built bool
}

// makeDatabase makes a database. It skips the script if there is no server for that.
func (a *application) makeDatabase(ts *testscript.TestScript, args []string) {
	d := answers.DatabaseNamed(args[0])
	a.variables = append(a.variables, args[1:]...)
	where := filepath.Join(a.dir, "app.db")
	a.database.name = d.Name
	a.database.dsn = "file:" + where + "?_pragma=busy_timeout(5000)"
	if d.TestVariable != "" {
		server := os.Getenv(d.TestVariable)
		if server == "" {
			a.skip(fmt.Sprintf("no %s for the application: %s is not set", d.Title, d.TestVariable))
		}
		name := fmt.Sprintf("authgen_app_%d_%d", os.Getpid(), time.Now().UnixNano())
		ts.Check(a.servers.run("CREATE DATABASE "+name, d.Name, server, "", "exec"))
		ts.Defer(func() { ts.Check(a.servers.run("DROP DATABASE "+name, d.Name, server, "", "exec")) })
		slash := strings.LastIndexByte(server, '/')
		_, parameters, _ := strings.Cut(server[slash:], "?")
		where = server[:slash+1] + name + "?" + parameters
		a.database.url, a.database.dsn = where, where
	}
	for _, name := range args[1:] {
		ts.Setenv(name, where)
	}
}

// migrate applies the migrations of a directory with a tool.
func (a *application) migrate(ts *testscript.TestScript, args []string) {
	ts.Check(a.servers.run("", a.database.name, a.database.dsn, "", args[0], "up", ts.MkAbs(args[1])))
}

// query returns the only column of the answer to a query.
func (a *application) query(statement string) (string, error) {
	return a.servers.output(statement, a.database.name, a.database.dsn, "", "query")
}

// run runs a command of testdata/migrationtools.
func (s *databaseServers) run(stdin string, args ...string) error {
	_, err := s.output(stdin, args...)
	return err
}

// output runs a command of testdata/migrationtools, and returns what it prints.
func (s *databaseServers) output(stdin string, args ...string) (string, error) {
	command := filepath.Join(s.dir, "migrationtools.exe") // .exe for Windows
	if !s.built {
		build := exec.Command("go", "build", "-o", command, ".")
		build.Dir = filepath.Join("..", "..", "testdata", "migrationtools")
		build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building %s: %v\n%s", build.Dir, err, out)
		}
		s.built = true
	}
	cmd := exec.Command(command, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %q: %v\n%s", filepath.Base(command), args, err, out)
	}
	return string(out), nil
}
