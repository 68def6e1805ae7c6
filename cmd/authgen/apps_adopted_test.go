package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// Each application whose table of users auth adopts has a user whose password has a bcrypt
// hash, and one without a password if the table allows that. Its command works on the table
// as the application always has:
//
//	COMMAND add EMAIL PASSWORD  add a member
//	COMMAND promote EMAIL       turn one into an admin
//	COMMAND show EMAIL          print EMAIL: ROLE since DATE, without a date if the table has none,
//	                            or fail
const (
	firstUser     = "grace@example.com"
	firstPassword = "nine calm herons"
	withoutOne    = "guest@example.com"
)

// adopted checks that accounts are rows of the application's own table, of which its
// command and the server with auth see the same.
func (a *application) adopted(ts *testscript.TestScript, args []string) {
	command, prefix := filepath.Join(a.dir, "users.exe"), prefixOf(ts)
	ts.Check(ts.Exec("go", "build", "-ldflags=-w", "-o", command, args[0]))
	table, column, _ := strings.Cut(args[1], ".")
	hash := func() string {
		out, err := a.query(fmt.Sprintf("SELECT %s FROM %s WHERE email = '%s'", column, table, firstUser))
		ts.Check(err)
		return strings.TrimSpace(out)
	}
	users := func(args ...string) { ts.Check(ts.Exec(command, args...)) }
	show := func(email, role string) {
		users("show", email)
		if out := ts.ReadFile("stdout"); !regexp.MustCompile(`^` + email + `: ` + role + `( since 20\d\d-\d\d-\d\d)?\n$`).MatchString(out) {
			ts.Fatalf("%s: the command shows %q, want the role %s", email, out, role)
		}
	}
	account := func(email, password string) string {
		return fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	}
	a.serve(ts, func(grace *visitor) {
		logIn := func(v *visitor, email, password string) (id string) {
			body := v.want(ts, 200, "POST", prefix+"/login", account(email, password))
			var user struct{ ID json.RawMessage }
			ts.Check(json.Unmarshal([]byte(body), &user))
			return strings.Trim(string(user.ID), `"`)
		}
		me := func(v *visitor, role string) {
			if body := v.want(ts, 200, "GET", prefix+"/me", ""); !strings.Contains(body, `"role":"`+role+`"`) {
				ts.Fatalf("GET %s/me: %s, want the role %s", prefix, body, role)
			}
		}

		// The first login replaces the hash, and no other does.
		grace.want(ts, 401, "POST", prefix+"/login", account(withoutOne, firstPassword))
		if old := hash(); !strings.HasPrefix(old, "$2") {
			ts.Fatalf("before the first login, the hash is %q", old)
		}
		logIn(grace, firstUser, firstPassword)
		replaced := hash()
		for range 100 { // the package does it after the answer
			if strings.HasPrefix(replaced, "$argon2id$") {
				break
			}
			time.Sleep(50 * time.Millisecond)
			replaced = hash()
		}
		logIn(grace, firstUser, firstPassword)
		if now := hash(); !strings.HasPrefix(replaced, "$argon2id$") || now != replaced {
			ts.Fatalf("the hash is %q after the first login, %q after the second", replaced, now)
		}

		// A session sees at once what the command does.
		me(grace, "member")
		users("promote", firstUser)
		me(grace, "admin")
		grace.want(ts, 200, "GET", prefix+"/users", "")
		for _, way := range args[2:] {
			email, v := way+"@example.com", newVisitor(grace.base)
			users("add", email, firstPassword)
			logIn(v, email, firstPassword)
			me(v, "member")
			users(way, email)
			v.want(ts, 401, "GET", prefix+"/me", "")
			v.want(ts, 401, "POST", prefix+"/login", account(email, firstPassword))
		}

		// And the command sees what happens over HTTP.
		const email = "mary@example.com"
		mary := newVisitor(grace.base)
		mary.want(ts, 201, "POST", prefix+"/signup", account(email, firstPassword))
		show(email, "member")
		id := logIn(mary, email, firstPassword)
		grace.want(ts, 204, "PUT", prefix+"/users/"+id+"/role", `{"role":"admin"}`)
		show(email, "admin")
		mary.want(ts, 401, "GET", prefix+"/me", "") // another role ends the sessions
		logIn(mary, email, firstPassword)
		me(mary, "admin")
		mary.want(ts, 204, "DELETE", prefix+"/me", "")
		if ts.Exec(command, "show", email) == nil {
			ts.Fatalf("the command still shows %s", email)
		}
	})
	if _, err := a.query("SELECT * FROM auth_users"); err == nil || !strings.Contains(err.Error(), "auth_users") {
		ts.Fatalf("a query of auth_users: error %v, want that there is no such table", err)
	}
}

// want sends a request, and fails unless the answer has the status. It returns the body.
func (v *visitor) want(ts *testscript.TestScript, want int, method, path, body string) string {
	status, answer, err := v.do(method, path, body)
	ts.Check(err)
	if status != want {
		ts.Fatalf("%s %s %s: %d %s, want %d", method, path, body, status, answer, want)
	}
	return answer
}

// rollback applies the way down of a migration.
func (a *application) rollback(ts *testscript.TestScript, args []string) {
	text := ts.ReadFile(args[0])
	if _, down, ok := strings.Cut(text, "-- +goose Down\n"); ok {
		text = down
	}
	ts.Check(a.servers.run(text, a.database.name, a.database.dsn, "", "exec"))
}

// schemaQueries list the columns, indexes and constraints of a table.
var schemaQueries = map[string]string{
	"postgres": `
SELECT concat_ws(' ', column_name, udt_name, character_maximum_length, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '{table}'
UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE '{table}'::regclass IN (conrelid, confrelid)
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = '{table}'
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal
ORDER BY 1`,
	"mysql": `
SELECT concat_ws(' ', column_name, column_type, collation_name, is_nullable, column_default, extra) AS line
FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{table}'
UNION ALL SELECT concat_ws(' ', index_name, non_unique, seq_in_index, column_name)
FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = '{table}'
UNION ALL SELECT concat_ws(' ', table_name, constraint_name, column_name)
FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND '{table}' IN (table_name, referenced_table_name)
ORDER BY 1`,
	"sqlite": `
SELECT name || ' ' || type || ' ' || "notnull" || ' ' || coalesce(dflt_value, '') || ' ' || pk FROM pragma_table_info('{table}')
UNION ALL SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE tbl_name = '{table}' AND type <> 'table'
ORDER BY 1`,
}

// schema compares a table with what it was when the command was first given.
func (a *application) schema(ts *testscript.TestScript, args []string) {
	now, err := a.query(strings.ReplaceAll(schemaQueries[a.database.name], "{table}", args[0]))
	ts.Check(err)
	if now == "" {
		ts.Fatalf("there is no table %s", args[0])
	}
	before, ok := a.schemas[args[0]]
	switch {
	case !ok:
		a.schemas[args[0]] = now
	case now != before:
		ts.Fatalf("the table %s is not as before:\n%s", args[0], cmp.Diff(strings.Split(before, "\n"), strings.Split(now, "\n")))
	}
}
