package answers

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEditAnswers(t *testing.T) {
	firstFeatures(t)
	for _, tt := range []struct {
		name, file string
		change     func(*Answers)
		want       string
	}{
		{
			"nothing", "version: 1\n\n\nsession:   database   # rows\n",
			func(*Answers) {},
			"version: 1\n\n\nsession:   database   # rows\n",
		},
		{
			"a text keeps its quotes and its comment",
			"version: 1 # first\n# a\nsession:   'database'   # rows\nprefix: \"/auth\"#\nname: ''\n",
			func(a *Answers) { a.Session, a.Prefix, a.Name = "stateless", "/x", "staff" },
			"version: 1 # first\n# a\nsession:   'stateless'   # rows\nprefix: \"/x\"#\nname: 'staff'\n",
		},
		{
			"a text that needs quotes", "version: 1\nname: a\n",
			func(a *Answers) { a.Name = "no" },
			"version: 1\nname: \"no\"\n",
		},
		{
			"a text below its key", "version: 1\nsession:\n  # rows\n  database\nrouter: chi\n",
			func(a *Answers) { a.Session = "stateless" },
			"version: 1\nsession:\n  # rows\n  stateless\nrouter: chi\n",
		},
		{
			"a text on two lines", "version: 1\nmigrations_dir: a\n  b # c\nrouter: chi\nprefix: \"/a\\\n  b\" # d\n",
			func(a *Answers) { a.MigrationsDir, a.Prefix = "db", "/b" },
			"version: 1\nmigrations_dir: db # c\nrouter: chi\nprefix: \"/b\" # d\n",
		},
		{
			"zeros in front", "version: 1\nmigrations_version: 7\n",
			func(a *Answers) { a.MigrationsVersion = "0007" },
			"version: 1\nmigrations_version: \"0007\"\n",
		},
		{
			"order of keys", "features: {signup: true}\nsession: database\nversion: 1\n",
			func(a *Answers) {
				a.Session = "stateless"
				a.Switch("signup", false)
				a.Switch("remember", false)
			},
			"features: {signup: false, remember: false}\nsession: stateless\nversion: 1\n",
		},
		{
			"a key that is missing",
			"# mine\nversion: 1\nsession: database # s\n# about the router\nrouter: chi\n",
			func(a *Answers) { a.Database, a.Driver, a.Session = "postgres", "github.com/lib/pq", "stateless" },
			"# mine\nversion: 1\nsession: stateless # s\n# about the router\nrouter: chi\n" +
				"\n# database that the queries and migrations are written for: sqlite, postgres, mysql\ndatabase: postgres\n" +
				"\n# module path of the database driver; it must fit the database: modernc.org/sqlite, github.com/mattn/go-sqlite3, github.com/ncruces/go-sqlite3, github.com/jackc/pgx/v5, github.com/lib/pq, github.com/go-sql-driver/mysql\ndriver: github.com/lib/pq\n",
		},
		{
			"a key that is missing and follows", "version: 1\ndatabase: sqlite",
			func(a *Answers) { a.Database, a.Driver = "mysql", "github.com/go-sql-driver/mysql" },
			"version: 1\ndatabase: mysql",
		},
		{
			"a key that is missing and no longer follows", "version: 1\nroles: [{name: a, permissions: ['users:read', 'users:write']}, {name: b}]",
			func(a *Answers) { a.Roles = append(a.Roles, Role{Name: "c"}) },
			"version: 1\nroles: [{name: a, permissions: ['users:read', 'users:write']}, {name: b}, {name: c, permissions: [], sensitive: false}]" +
				"\n\n# role of a new user; by default the lowest\ndefault_role: b",
		},
		{
			"line ends and a byte order mark", "\ufeffversion: 1\r\n# c\r\npublic:\r\n  - /a # first\r\n  # above b\r\n  - /b\r\n",
			func(a *Answers) { a.Public, a.Name = []string{"/c", "/b"}, "x" },
			"\ufeffversion: 1\r\n\r\n# prefix of the cookie and the tables, if one module has two such packages; empty for none\r\nname: x\r\n# c\r\npublic:\r\n  - /c # first\r\n  # above b\r\n  - /b\r\n",
		},
		{
			"a block list", "version: 1\npublic:\n# first\n- /a # a\n# second\n\n- /b   # b\n# third\n- '/c'\n# end\nname: x\n",
			func(a *Answers) { a.Public = []string{"/c", "/a", "/d"} },
			// Removed: b. What is above it stays.
			"version: 1\npublic:\n# second\n\n# third\n- '/c'\n# first\n- /a # a\n- /d\n# end\nname: x\n",
		},
		{
			"a block list that ends up empty", "version: 1\npublic: # pages\n  # first\n  - /a # a\n  # second\n  - /b\nname: x\n",
			func(a *Answers) { a.Public = nil },
			"version: 1\npublic: [] # pages\n  # first\n  # second\nname: x\n",
		},
		{
			"a block list at the end of the file", "version: 1\npublic:\n    - /a\n    - /b",
			func(a *Answers) { a.Public = []string{"/c", "/b", "/a"} },
			"version: 1\npublic:\n    - /c\n    - /b\n    - /a",
		},
		{
			"an empty list", "version: 1\npublic: [] # none\nprofile: [ ]\nprotected: [ # none\n  ]",
			func(a *Answers) {
				a.Public, a.Protected = []string{"/a", "/b"}, []string{"/c", "/d"}
				a.Profile = []Field{{"phone", "string", []string{"self", "admin"}}}
			},
			"version: 1\npublic: # none\n  - /a\n  - /b\nprofile:\n  - name: phone\n    type: string\n    visible: [self, admin]\nprotected: [/c, /d # none\n  ]",
		},
		{
			"a list in brackets", "version: 1\npublic: [ /a, '/b' , /c ]\nprotected: [\n  /d, # d\n  /e, # e\n  /f,\n]\n",
			func(a *Answers) { a.Public, a.Protected = []string{"/b", "/x", "/c"}, []string{"/d", "/y"} },
			"version: 1\npublic: [ '/b' , /x, /c ]\nprotected: [\n  /d, # d\n  /y,\n]\n",
		},
		{
			"roles", `version: 1
roles:
  # may do all
  - name: admin # the boss
    permissions: [users:read, users:write] # of users
    sensitive: false

  # writes
  - name: editor
    # later more
    permissions:
      - posts:write # posts
      - posts:read
  - {name: member} # all others
# done
default_role: member
`,
			func(a *Answers) {
				a.Roles = []Role{
					{"admin", []string{UsersRead, UsersWrite, "a:b"}, true},
					{"author", nil, true},
					{"editor", []string{"posts:read", "c:d"}, true},
					{"member", []string{"x:y"}, false},
				}
			},
			`version: 1
roles:
  # may do all
  - name: admin # the boss
    permissions: [users:read, users:write, a:b] # of users
    sensitive: true
  - name: author
    permissions: []
    sensitive: true

  # writes
  - name: editor
    # later more
    permissions:
      - posts:read
      - c:d
    sensitive: true
  - {name: member, permissions: ["x:y"]} # all others
# done
default_role: member
`,
		},
		{
			"a role with another name", "version: 1\nroles:\n- name: admin # a\n  permissions: [users:read, users:write]\n- name: member # b\n",
			func(a *Answers) { a.Roles[1].Name, a.DefaultRole = "reader", "reader" },
			"version: 1\nroles:\n- name: admin # a\n  permissions: [users:read, users:write]\n- name: reader # b\n",
		},
		{
			"permissions that end up empty", "version: 1\nroles:\n- name: a\n  permissions: [users:read, users:write]\n- name: b\n  permissions: # to be done\n  - x:y # soon\n  sensitive: false\n- name: c\n",
			func(a *Answers) { a.Roles[1].Permissions = nil },
			"version: 1\nroles:\n- name: a\n  permissions: [users:read, users:write]\n- name: b\n  permissions: [] # to be done\n  sensitive: false\n- name: c\n",
		},
		{
			"features", "version: 1\nfeatures: # all\n  remember: true # r\n\n  # users\n  manage_users: true\nname: x\n",
			func(a *Answers) { a.Features = FeatureSet(0).With("remember", true) },
			"version: 1\nfeatures: # all\n  signup: false\n  remember: true # r\n  delete_account: false\n\n  # users\n  manage_users: false\nname: x\n",
		},
		{
			"braces", "{version: 1, session: database, public: [], # c\n features: {}}\n",
			func(a *Answers) {
				a.Session, a.Public, a.Name = "stateless", []string{"/a"}, "x"
				a.Switch("signup", false)
			},
			"{version: 1, name: x, session: stateless, public: [/a], # c\n features: {signup: false}}\n",
		},
		{
			"a document, indented", "---\n  version: 1\n  session: database\n...\n# end\n",
			func(a *Answers) { a.Session, a.Public = "stateless", []string{"/a"} },
			"---\n  version: 1\n  session: stateless\n\n  # pages for visitors who are logged out, such as /login; the gate redirects users who are logged in; [] for none\n  public:\n    - /a\n...\n# end\n",
		},
		{
			"a mapping without braces in a list with brackets", "version: 1\nprofile: [name: a, {name: b, type: int, visible: [self]}]\n",
			nil, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			to, err := Parse("f", []byte(tt.file))
			if tt.change == nil {
				if err == nil {
					t.Error("accepted")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			to.Roles = append([]Role(nil), to.Roles...)
			tt.change(&to)
			got, err := Edit("f", []byte(tt.file), to)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestEditAnswersErrors(t *testing.T) {
	to := defaultAnswers()
	if _, err := Edit("f", []byte("version: 1\nsession: x\n"), to); err == nil || !strings.HasPrefix(err.Error(), "f:2:10: session") {
		t.Errorf("of a wrong file: %v", err)
	}
	to.Store, to.Session = "redis", "stateless"
	var problems Problems
	if _, err := Edit("f", []byte("version: 1\n"), to); !errors.As(err, &problems) || problems[0].Path != "store" {
		t.Errorf("to wrong answers: %v", err)
	}
}

// layout writes answers in ways that people may.
type layout struct {
	r        *rand.Rand
	comments []string // on lines of their own, in no item
	n        int
	inItem   bool
}

func (l *layout) comment() string {
	l.n++
	return fmt.Sprintf("# c%d: [x], 'y' - \"z\" é", l.n)
}

func (l *layout) odds(n int) bool { return l.r.IntN(n) == 0 }

// gap returns blank lines and comments between keys or items.
func (l *layout) gap(indent string) string {
	text := ""
	for l.odds(3) {
		switch l.r.IntN(3) {
		case 0:
			text += "\n"
		default:
			c := l.comment()
			if !l.inItem {
				l.comments = append(l.comments, c)
			}
			text += indent + c + "\n"
		}
	}
	return text
}

// after returns the end of a line.
func (l *layout) after() string {
	switch l.r.IntN(6) {
	case 0:
		return "  \n"
	case 1:
		return " " + l.comment() + "\n"
	}
	return "\n"
}

func (l *layout) scalar(v yamlValue, c context) string {
	_, isWord := map[string]bool{"true": true, "false": true}[v.written]
	switch {
	case isWord:
		return v.written
	case l.odds(4):
		return "'" + v.scalar + "'"
	case l.odds(4):
		return `"` + v.scalar + `"`
	}
	return v.flow(c)
}

func (l *layout) flow(v yamlValue, c context) string {
	space := func() string { return strings.Repeat(" ", l.r.IntN(2)) }
	var parts []string
	switch {
	case v.list:
		for _, item := range v.items {
			parts = append(parts, l.flow(item, c))
		}
		return "[" + space() + strings.Join(parts, space()+", ") + space() + "]"
	case v.members != nil:
		for _, m := range l.members(v.members) {
			parts = append(parts, m.name+": "+l.flow(m.value, inBraces))
		}
		return "{" + space() + strings.Join(parts, space()+", ") + space() + "}"
	}
	return l.scalar(v, c)
}

// members returns them in some order and without some that say nothing.
func (l *layout) members(all []yamlPair) []yamlPair {
	var some []yamlPair
	for _, i := range l.r.Perm(len(all)) {
		if !all[i].byDefault || l.odds(2) {
			some = append(some, all[i])
		}
	}
	return some
}

// value returns the value of a key with what is around it, after the colon.
func (l *layout) value(indent string, v yamlValue) string {
	switch {
	case v.list && len(v.items) > 0 && l.odds(2):
		text := l.after()
		dash := indent + strings.Repeat(" ", 2*l.r.IntN(2))
		for _, item := range v.items {
			text += l.gap(dash)
			if item.members == nil || l.odds(4) {
				text += dash + "- " + l.flow(item, inBlock) + l.after()
				continue
			}
			l.inItem = true
			before := dash + "- "
			for i, m := range l.members(item.members) {
				if i > 0 && l.odds(5) {
					text += before + l.comment() + "\n"
				}
				text += before + m.name + ":" + l.value(dash+"  ", m.value)
				before = dash + "  "
			}
			l.inItem = false
		}
		return text
	case v.list && len(v.items) > 0 && l.odds(4):
		text := " [" + l.after()
		for i, item := range v.items {
			text += indent + "  " + l.flow(item, inBlock)
			if i < len(v.items)-1 || l.odds(2) {
				text += ","
			}
			text += l.after()
		}
		return text + indent + " ]" + l.after()
	case v.members != nil && l.odds(2):
		members := l.members(v.members)
		if len(members) == 0 {
			return " {}\n"
		}
		text := l.after()
		for _, m := range members {
			text += l.gap(indent+"  ") + indent + "  " + m.name + ":" + l.value(indent+"  ", m.value)
		}
		return text
	}
	return strings.Repeat(" ", 1+l.r.IntN(2)) + l.flow(v, inBlock) + l.after()
}

func (l *layout) file(a Answers) string {
	version := yamlPair{"version", yamlValue{written: "1"}, false}
	pairs := []yamlPair{version}
	d := Default()
	for _, k := range Keys {
		if !k.FlagOnly {
			pairs = append(pairs, yamlPair{k.Name, k.written().value(a), a.entry(k) == d.entry(k) && k.Name != "roles"})
		}
	}
	text := l.gap("")
	for _, p := range l.members(pairs) {
		if p.name == "version" {
			text += "version: 1" + l.after()
		} else {
			text += p.name + ":" + l.value("", p.value)
		}
		text += l.gap("")
	}
	if l.odds(4) {
		text = strings.TrimRight(text, " \n")
	}
	if l.odds(4) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if l.odds(8) {
		text = "\ufeff" + text
	}
	return text
}

func TestEditAnswersRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 400 {
		from, to := randomAnswers(r), randomAnswers(r)
		if r.IntN(2) == 0 { // an edit of a few
			few := from
			for range 1 + r.IntN(3) {
				switch r.IntN(6) {
				case 0:
					few.Database, few.Driver = to.Database, to.Driver
				case 1:
					few.Features = to.Features
				case 2:
					few.Public, few.Protected = to.Public, to.Protected
				case 3:
					few.Roles, few.DefaultRole, few.Profile = to.Roles, to.DefaultRole, to.Profile
				case 4:
					few.Prefix, few.Name = to.Prefix, to.Name
				case 5:
					few.Package = to.Package
				}
			}
			to = few
		}
		l := layout{r: r}
		file := l.file(from)
		now, err := Parse("f", []byte(file))
		if err != nil || now.Hash() != from.Hash() {
			t.Fatalf("the layout is wrong: %v\n%s\n%s", err, cmp.Diff(from, now), file)
		}
		got, err := Edit("f", []byte(file), to)
		if err != nil {
			t.Fatalf("%v\nfrom %s\nto\n%s", err, file, to.Canonical())
		}
		if now, err := Parse("f", got); err != nil || now.Hash() != to.Hash() {
			t.Fatalf("%v\n%s", err, got)
		}
		if from.Hash() == to.Hash() && string(got) != file {
			t.Fatalf("changed for nothing:\n%s", cmp.Diff(file, string(got)))
		}
		for _, c := range l.comments {
			if !bytes.Contains(got, []byte(c)) {
				t.Fatalf("%q is gone:\n%s", c, cmp.Diff(file, string(got)))
			}
		}
		if strings.Contains(file, "\r\n") && bytes.Count(got, []byte("\n")) != bytes.Count(got, []byte("\r\n")) {
			t.Fatalf("line ends differ:\n%q", got)
		}
		if strings.HasPrefix(file, "\ufeff") != bytes.HasPrefix(got, []byte("\ufeff")) {
			t.Fatalf("the byte order mark is gone:\n%s", got)
		}
	}
}

// A file that nobody touched becomes the one that the answers are formatted as.
func TestEditAnswersFormatted(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 200 {
		from, to := randomAnswers(r), randomAnswers(r)
		if to.Bridge == "none" && from.Bridge != "none" || to.Tests == "contract" && from.Tests != "contract" {
			continue // which an edit says, and Format leaves out
		}
		got, err := Edit("f", from.Format(), to)
		if err != nil {
			t.Fatal(err)
		}
		// Quotes stay even where the new text needs none.
		plain := func(file []byte) string { return strings.ReplaceAll(string(file), `"`, "") }
		if diff := cmp.Diff(plain(to.Format()), plain(got)); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
}

func TestReplaceKey(t *testing.T) {
	to := fullAnswers()
	for _, file := range []string{
		"version: 1\nroles: # r\n- name: a\n  permissions: [users:read, users:write] # p\n# c\n- name: b # b\nname: x\n",
		"{version: 1, roles: [{name: a, permissions: ['users:read', 'users:write']}, {name: b}], name: x}\n",
		"  version: 1\n  roles: [{name: a, permissions: ['users:read', 'users:write']}, {name: b}]",
	} {
		s, err := readDocument([]byte(file))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.with(KeyNamed("roles"), &to, func(s *document) { s.replaceKey(KeyNamed("roles"), to) })
		if err != nil {
			t.Errorf("%v\n%s", err, file)
		}
	}
}

func FuzzEditAnswers(f *testing.F) {
	f.Add(defaultAnswers().Format(), uint64(1))
	f.Add(fullAnswers().Format(), uint64(1))
	r := rand.New(rand.NewPCG(9, 10))
	for i := range uint64(20) {
		l := layout{r: r}
		f.Add([]byte(l.file(randomAnswers(r))), i)
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		from, err := Parse("f", data)
		if err != nil {
			return
		}
		if same, err := Edit("f", data, from); err != nil || !bytes.Equal(same, data) {
			t.Fatalf("changed for nothing: %v\n%q\n%q", err, data, same)
		}
		to := randomAnswers(rand.New(rand.NewPCG(seed, 0)))
		got, err := Edit("f", data, to)
		if err != nil {
			t.Fatalf("%v\n%q", err, data)
		}
		if now, err := Parse("f", got); err != nil || now.Hash() != to.Hash() {
			t.Fatalf("%v\n%q", err, got)
		}
	})
}
