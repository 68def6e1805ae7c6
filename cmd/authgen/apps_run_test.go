package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
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
	program := filepath.Join(a.dir, "program.exe") // .exe for Windows
	ts.Setenv("AUTH_KEYS", newKey())
	ts.Setenv("TEST_DATABASE_URL", a.url)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Check(listener.Close())
	address := listener.Addr().String()
	ts.Setenv("ADDR", address)
	ts.Setenv("BASE_URL", "http://"+address)
	a.command(ts, "go", "build", "-ldflags=-w", "-o", program, args[0])
	a.command(ts, "go", "vet", "./...")

	visitor := newVisitor("http://" + address)
	var output bytes.Buffer
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	server := exec.CommandContext(ctx, program)
	server.Dir, server.Env, server.Stdout, server.Stderr = ts.MkAbs("."), a.env(ts), &output, &output
	ts.Check(server.Start())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		cancel(fmt.Errorf("it exits: %v", server.Wait()))
	}()
	err = visitor.wait(ctx)
	if err == nil {
		err = a.visit(visitor, args[1], ts.Getenv("PREFIX"))
	}
	cancel(nil)
	<-stopped
	if err != nil {
		ts.Fatalf("%v\noutput of the application:\n%s", err, &output)
	}
	a.command(ts, "go", "test", "-vet=off", "-ldflags=-w", "./...")
}

// command runs a command that must succeed.
func (a *application) command(ts *testscript.TestScript, name string, args ...string) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), a.env(ts)
	if out, err := cmd.CombinedOutput(); err != nil {
		ts.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// env returns the environment of commands of the script.
func (a *application) env(ts *testscript.TestScript) []string {
	env := os.Environ()
	for _, name := range append([]string{"ADDR", "AUTH_KEYS", "BASE_URL", "GOFLAGS", "GOWORK", "TEST_DATABASE_URL"}, a.variables...) {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

// visit gets a path of the application, whose answer must be the first one. If auth is
// mounted, it signs up, logs in and out, and gets what needs that.
func (a *application) visit(v *visitor, path, prefix string) error {
	if prefix == "" {
		prefix = answers.Default().Prefix
	}
	email, password := "ada@example.com", "eleven quiet otters"
	if a.pasted.after != "" {
		if a.visits++; a.visits > 1 {
			email = fmt.Sprintf("ada%d@example.com", a.visits)
		}
	}
	account := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
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

// databaseServers makes databases on the servers that the tests may use.
type databaseServers struct {
	dir  string // for the command that makes them
	made int
}

// database makes a database. It skips the script if there is no server for that.
func (a *application) database(ts *testscript.TestScript, args []string) {
	variable := args[len(args)-1]
	a.variables = append(a.variables, variable)
	if len(args) == 1 {
		ts.Setenv(variable, filepath.Join(a.dir, "app.db"))
		return
	}
	d := answers.DatabaseNamed(args[0])
	server := os.Getenv(d.TestVariable)
	if server == "" {
		a.skip(fmt.Sprintf("no %s for the application: %s is not set", d.Title, d.TestVariable))
	}
	name := fmt.Sprintf("authgen_app_%d_%d", os.Getpid(), time.Now().UnixNano())
	ts.Check(a.servers.exec(d.Name, server, "CREATE DATABASE "+name))
	ts.Defer(func() { ts.Check(a.servers.exec(d.Name, server, "DROP DATABASE "+name)) })
	a.url = server
	if u, err := url.Parse(server); err == nil && u.Scheme != "" {
		u.Path = "/" + name
		a.url = u.String()
	} else if slash := strings.LastIndexByte(server, '/'); slash >= 0 {
		_, parameters, _ := strings.Cut(server[slash:], "?")
		a.url = server[:slash+1] + name + "?" + parameters
	}
	ts.Setenv(variable, a.url)
}

// exec executes a statement, with the command that applies migrations in other tests.
func (s *databaseServers) exec(database, url, statement string) error {
	command := filepath.Join(s.dir, "migrationtools.exe")
	if s.made++; s.made == 1 {
		build := exec.Command("go", "build", "-o", command, ".")
		build.Dir = filepath.Join("..", "..", "testdata", "migrationtools")
		build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %v\n%s", build.Dir, err, out)
		}
	}
	cmd := exec.Command(command, database, url, "", "exec")
	cmd.Stdin = strings.NewReader(statement)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %v\n%s", statement, err, out)
	}
	return nil
}
