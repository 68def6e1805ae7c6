//authgen:if redis

package auth

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	redis "github.com/redis/go-redis/v9"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// offlineRedis is a client for tests that do not use it.
var offlineRedis redis.UniversalClient = redis.NewClient(new(redis.Options))

// openTestRedis returns a client whose keys are deleted when the test ends.
func openTestRedis(tb testing.TB) redis.UniversalClient {
	tb.Helper()
	return testdb.OpenRedis(tb, testdb.RedisOptions(tb))
}

func TestNewRefusesRedis(t *testing.T) {
	for want, client := range map[string]redis.UniversalClient{
		"Config.Redis: missing": nil,
		"replicas":              redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, RouteRandomly: true}),
		"ring":                  redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}}),
	} {
		c := offlineConfig()
		c.Redis = client
		if a, err := New(c); err == nil || a != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: error %v, want one about %q", err, want)
		}
	}
	c := offlineConfig()
	c.Redis = redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}})
	if _, err := New(c); err != nil {
		t.Errorf("New refuses a cluster: %v", err)
	}
}

// commands records Redis commands. take returns the names of those since its last call.
func (app *testApp) commands() (take func() []string) {
	var mu sync.Mutex
	var names []string
	app.config.Redis.AddHook(testdb.RedisHook{Before: func(cmd redis.Cmder) error {
		mu.Lock()
		defer mu.Unlock()
		if testdb.KeyOf(cmd) != "" {
			names = append(names, cmd.Name())
		}
		return nil
	}})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		taken := names
		names = nil
		return taken
	}
}

// The secure check is one command to Redis and one statement to the database, even in a
// transaction.
func TestCommandsOfTheChecks(t *testing.T) {
	app, recorded := newRecordedApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	p := ann.principal()
	app.Wait()
	recorded.take()
	commands := app.commands()

	app.principal(t, ann)
	recorded.wantStatements(t, "the secure check", secureCheck)
	if diff := unequal([]string{"hget"}, commands()); diff != "" {
		t.Errorf("the secure check: commands:%s", diff)
	}
	// The guard has already recorded the use.
	app.rewrite(t, ann.session(), func(r *record) { r.seenAt = r.seenAt.Add(-renewalInterval) })
	commands()
	if err := app.Tx(t.Context(), p, func(*sql.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	app.Wait()
	if statements := recorded.take(); !slices.Contains(statements, strings.Join(strings.Fields(secureCheck), " ")) {
		t.Errorf("the user's row is not read in the transaction: %q", statements)
	}
	if diff := unequal([]string{"hget"}, commands()); diff != "" {
		t.Errorf("the check in a transaction: commands:%s", diff)
	}
	app.browser(t).want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	if got := commands(); len(got) > 0 {
		t.Errorf("a visitor: commands %q, want none", got)
	}
}

// Every command uses one key, that of the user's sessions, so that one node of a cluster can
// execute it atomically.
func TestOneKeyForEachUser(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	want := sessionsKey(u.ID)
	var mu sync.Mutex
	seen := make(map[string]bool)
	app.config.Redis.AddHook(testdb.RedisHook{Before: func(cmd redis.Cmder) error {
		if testdb.KeyOf(cmd) == "" {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		seen[cmd.Name()] = true
		switch name := cmd.Name(); {
		case testdb.KeyOf(cmd) != want:
			t.Errorf("%s uses the key %q, want %q", name, testdb.KeyOf(cmd), want)
		case strings.HasPrefix(name, "eval") && cmd.Args()[2] != 1:
			t.Errorf("%s uses %v keys, want 1", name, cmd.Args()[2])
		case name == "del" && len(cmd.Args()) != 2:
			t.Errorf("del has the arguments %q, want one key", cmd.Args())
		}
		return nil
	}})
	ann := app.device(t, u.Email)
	laptop := app.device(t, u.Email)
	app.rewrite(t, ann.session(), func(r *record) { r.seenAt = r.seenAt.Add(-2 * renewalInterval) })
	ann.want(http.StatusOK, "GET", prefix+"/me", "")
	app.Wait() // wait for the touch
	ann.sessionList()
	ann.want(http.StatusNoContent, "DELETE", prefix+"/sessions/"+laptop.session().id.handle(), "")
	ann.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
	ann.want(http.StatusNoContent, "POST", prefix+"/password", jsonObject(map[string]any{"current": testPassword, "new": otherPassword}))
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	for _, name := range []string{"evalsha", "hget", "hgetall", "hdel", "del"} {
		if !seen[name] {
			t.Errorf("%s was not sent", name)
		}
	}
}

// Two processes with the same keys, database and Redis share sessions.
func TestTwoProcesses(t *testing.T) {
	db, keys := openTestDB(t), testKeys(1)
	share := func(c *Config) { c.DB, c.Keys = db, keys }
	first, second := newTestApp(t, share), newTestApp(t, share)
	ann, _ := first.user(t, "ann@example.org", DefaultRole)
	second.wantCookie(t, true, ann.cookie(), "logged in to the other process")
	laptop := second.device(t, "ann@example.org")
	if n := len(ann.sessionList()); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	second.resume(t, ann.cookie()).want(http.StatusNoContent, "POST", prefix+"/logout", "")
	ann.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	first.wantCookie(t, true, laptop.cookie(), "another session, logged in to the other process")
	first.resume(t, laptop.cookie()).want(http.StatusNoContent, "POST", prefix+"/password",
		jsonObject(map[string]any{"current": testPassword, "new": otherPassword}))
	laptop.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
}

// proxy forwards connections to a Redis server, and can make it fail.
type proxy struct {
	address string

	mu    sync.Mutex
	mode  string // "up", "down", "silent", or an error to answer with
	conns []net.Conn
}

// newProxy returns a proxy for the server of options, and makes the options use it
// without retries.
func newProxy(tb testing.TB, options *redis.Options) *proxy {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{address: options.Addr, mode: "up"}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serve(conn) })
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		p.set("down")
		wg.Wait()
	})
	options.Addr = listener.Addr().String()
	options.MaxRetries = -1
	options.ReadTimeout = 3 * time.Second // while the server is silent
	return p
}

// set changes the state of connections. Existing ones continue unless the server is down.
func (p *proxy) set(mode string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
	if mode == "down" {
		for _, conn := range p.conns {
			_ = conn.Close()
		}
		p.conns = nil
	}
}

func (p *proxy) serve(conn net.Conn) {
	server, err := net.Dial("tcp", p.address)
	if err != nil {
		_ = conn.Close()
		return
	}
	p.mu.Lock()
	down := p.mode == "down"
	p.conns = append(p.conns, conn, server)
	p.mu.Unlock()
	if down {
		p.set("down")
	}
	var answers sync.WaitGroup
	answers.Go(func() { _, _ = io.Copy(conn, server) })
	defer answers.Wait()
	defer func() { _, _ = conn.Close(), server.Close() }()
	b := make([]byte, 64<<10)
	for {
		n, err := conn.Read(b)
		if err != nil {
			return
		}
		p.mu.Lock()
		mode := p.mode
		p.mu.Unlock()
		switch mode {
		case "up":
			_, err = server.Write(b[:n])
		case "down":
			return
		case "silent":
		default:
			_, err = io.WriteString(conn, "-"+mode+"\r\n")
		}
		if err != nil {
			return
		}
	}
}

// newProxiedApp is newTestApp with a proxy for Redis.
func newProxiedApp(t *testing.T) (*testApp, *proxy) {
	t.Helper()
	options := testdb.RedisOptions(t)
	p := newProxy(t, options)
	return newTestApp(t, func(c *Config) { c.Redis = testdb.OpenRedis(t, options) }), p
}

// If Redis fails, nobody gets access, nobody is logged out, and the answer does not contain
// the error.
func TestRedisFails(t *testing.T) {
	app, proxy := newProxiedApp(t)
	boss, u := app.user(t, "boss@example.org", lastRole)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	app.Wait()
	unavailable := func(mode, what string, got answer) {
		t.Helper()
		if got.Status != http.StatusServiceUnavailable || got.Code() != "unavailable" || got.Header.Get("Retry-After") != "1" {
			t.Errorf("%s: %s: status %d, Retry-After %q, want 503 and 1; body %s", mode, what, got.Status, got.Header.Get("Retry-After"), got.Body)
		}
		if cookies := got.Header["Set-Cookie"]; len(cookies) > 0 {
			t.Errorf("%s: %s: sets the cookie %q", mode, what, cookies)
		}
		for _, word := range []string{"edis", "dial", "refused", "LOADING"} {
			if strings.Contains(got.Body, word) {
				t.Errorf("%s: %s: the answer contains %q: %s", mode, what, word, got.Body)
			}
		}
	}
	for _, mode := range []string{
		"down",
		"silent",
		"LOADING Redis is loading the dataset in memory",
		"READONLY You can't write against a read only replica.",
		"CLUSTERDOWN The cluster is down",
		"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
		"OOM command not allowed when used memory > 'maxmemory'.",
		"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
		"NOAUTH Authentication required.",
		"ERR unknown command",
	} {
		proxy.set(mode)
		var wg sync.WaitGroup // in parallel, so that they wait only once for the timeout
		for _, route := range routeCases(app.Auth) {
			if route.Public {
				continue // needs no session
			}
			wg.Go(func() {
				unavailable(mode, route.Name, boss.do(route.Method, strings.ReplaceAll(route.Path, "{id}", u.ID.String()), route.body))
			})
		}
		login := credentials("ann@example.org", testPassword)
		wg.Go(func() { unavailable(mode, "a login", app.browser(t).do("POST", prefix+"/login", login)) })
		wg.Go(func() { unavailable(mode, "a login that replaces a session", ann.do("POST", prefix+"/login", login)) })
		wg.Wait()

		proxy.set("up")
		app.wantCookie(t, true, boss.cookie(), "after "+mode)
		app.wantCookie(t, true, ann.cookie(), "after "+mode)
	}
	// The refused requests had no effect, and do not count as failures.
	if n := len(ann.sessionList()); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
	cookie := boss.cookie()
	boss.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	app.wantCookie(t, false, cookie, "the session after logout")
}

// Changing a password writes to two stores. Whatever fails in between, no session becomes
// valid, and the password and the sessions stay consistent.
func TestPasswordChangeFailsHalfway(t *testing.T) {
	down := errors.New("down")
	for _, test := range []struct {
		name          string
		command       string // the Redis command at which something fails
		before        bool   // the command itself fails
		commit        bool   // the commit fails, and not the next statement
		status        int
		sessionsValid bool
	}{
		{name: "Redis does not end the sessions", command: "del", before: true, status: http.StatusServiceUnavailable, sessionsValid: true},
		{name: "Redis does not start the new session", command: "evalsha", before: true, status: http.StatusServiceUnavailable},
		{name: "the database fails after the sessions have ended", command: "del", status: http.StatusInternalServerError},
		{name: "the database does not commit", command: "evalsha", commit: true, status: http.StatusServiceUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			app, recorded := newRecordedApp(t)
			ann, u := app.user(t, "ann@example.org", DefaultRole)
			laptop := app.device(t, "ann@example.org")
			p, version := ann.principal(), ann.session().version
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			broken := true
			hook := func(cmd redis.Cmder) error {
				switch {
				case !broken || cmd.Name() != test.command:
				case test.before:
					return down
				case test.commit:
					cancel()
				default:
					recorded.failWith(down)
				}
				return nil
			}
			if test.before {
				app.config.Redis.AddHook(testdb.RedisHook{Before: hook})
			} else {
				app.config.Redis.AddHook(testdb.RedisHook{After: hook})
			}
			err := app.ChangePassword(ctx, p, PasswordChange{testPassword, otherPassword})
			if problem, _ := ProblemOf(err); err == nil || problem.Status != test.status {
				t.Errorf("error %v, want one with the status %d", err, test.status)
			}
			broken = false
			recorded.failWith(nil)

			app.wantCookie(t, test.sessionsValid, ann.cookie(), "the session of the request")
			app.wantCookie(t, test.sessionsValid, laptop.cookie(), "another session of the user")
			row, err := userByID(t.Context(), app.store.db, u.ID)
			if err != nil || row.version != version {
				t.Errorf("the version is %d, error %v; want %d", row.version, err, version)
			}
			// The old password is valid, and the list shows the valid sessions.
			again := app.browser(t)
			again.want(http.StatusUnauthorized, "POST", prefix+"/login", credentials(u.Email, otherPassword))
			again.logIn(u.Email)
			want := 1
			if test.sessionsValid {
				want += 2
			}
			if got := again.sessionList(); len(got) != want {
				t.Errorf("%d sessions in the list, want %d", len(got), want)
			}
		})
	}
}
