package questions

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// withTable returns a walker through the questions about an application that has a table of
// users.
func withTable(t *testing.T, given ...string) walker {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/app\n\ngo 1.26.0\n",
		"main.go": "package main\n",
		"db.sql":  "CREATE TABLE members (id INTEGER PRIMARY KEY, email TEXT NOT NULL, e_mail TEXT, password TEXT NOT NULL, name TEXT);\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return newWalker(t, *p, given...)
}

// The table of users is asked for if there is one, and its columns if it is chosen.
func TestUsersQuestion(t *testing.T) {
	const mapping = "table=members,id=id:integer,email=email,password=password,display_name=name"
	w := withTable(t)
	w.walk.Required()
	q := w.next()
	if q.Key != "users" || q.Default != "own" || len(q.Options) != 2 || q.Options[1].Name != "members" || !strings.Contains(strings.Join(q.Found, ""), "members at db.sql:1") || q.Must == "" {
		t.Fatalf("%+v", q)
	}
	w.answer("users", "members")
	if q = w.next(); q.Typed != mapping || !strings.Contains(strings.Join(q.Found, ""), "both email at db.sql:1 and e_mail") {
		t.Fatalf("%+v", q)
	}
	r, _, _, err := w.walk.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(q, strings.Replace(mapping, "=email,", "=emial,", 1)); err == nil || !strings.Contains(err.Error(), `no column "emial"`) {
		t.Errorf("a column that is not in the table: %v", err)
	}
	if got := w.enter("users"); got != mapping {
		t.Errorf("the answer is %s", got)
	}
	if q := w.next(); q.Key != "" {
		t.Errorf("asks about %s", q.Key)
	}
	if r, err = w.walk.Resolve(); err != nil || len(r.Problems) > 0 {
		t.Fatal(err, r.Problems)
	}
	if !r.Answers.Has("imported_passwords") || r.Answers.Get("profile") != "display_name:string:anyone" || r.Answers.Get("users") != mapping {
		t.Errorf("features %s, profile %s, users %s", r.Answers.Features, r.Answers.Get("profile"), r.Answers.Get("users"))
	}
	// The command without questions gives the same.
	var texts []string
	for _, f := range r.Flags() {
		texts = append(texts, f.Key+"="+f.Text)
	}
	if got := strings.Join(texts, " "); got != "users="+mapping {
		t.Errorf("flags %s", got)
	}

	// Another choice asks for nothing more.
	w = withTable(t)
	w.walk.Required()
	w.answer("users", "own")
	if q := w.next(); q.Key != "" {
		t.Errorf("asks about %s", q.Key)
	}
}

// What a flag says of the table decides the fields and features that users have by default.
func TestUsersFlag(t *testing.T) {
	const flag = "users=table=members,id=id:integer,email=email,password=password"
	for _, tt := range []struct {
		flags, profile string
		imported       bool
	}{
		{"", "display_name:string:anyone", false},
		{flag, "", true},
		{flag + ",display_name=name", "display_name:string:anyone", true},
		{flag + " features=-imported_passwords", "", false},
		{strings.TrimSuffix(flag, ",password=password"), "", false},
		{flag + " profile=phone:string:self", "phone:string:self", true},
	} {
		w := withTable(t, strings.Fields(tt.flags)...)
		r, err := w.walk.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Answers.Get("profile"); got != tt.profile {
			t.Errorf("%s: profile %q", tt.flags, got)
		}
		if got := r.Answers.Has("imported_passwords"); got != tt.imported {
			t.Errorf("%s: imported_passwords %t", tt.flags, got)
		}
	}
	// An existing package keeps what it has.
	a := answers.Default()
	if err := a.Set("users", strings.TrimPrefix(flag, "users=")); err != nil {
		t.Fatal(err)
	}
	p := withTable(t).walk.project
	p.Defaults = a
	r, err := Resolve(p, Given{})
	if err != nil || r.Answers.Get("profile") == "" || r.Answers.Has("imported_passwords") {
		t.Errorf("%v: profile %q, %s", err, r.Answers.Get("profile"), r.Answers.Features)
	}
}
