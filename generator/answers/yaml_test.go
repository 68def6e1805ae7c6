package answers

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFormat compares the keys whose values are not one word. All keys of the usual
// answers are in the examples, which TestExamples compares.
func TestFormat(t *testing.T) {
	blocks := bytes.SplitAfter(fullAnswers().Format(), []byte("\n\n"))
	var got []byte
	for _, key := range []string{"package_name", "roles", "default_role", "profile", "public", "protected", "migrations_version"} {
		i := slices.IndexFunc(blocks, func(block []byte) bool { return bytes.Contains(block, []byte("\n"+key+":")) })
		if i < 0 {
			t.Fatalf("no key %s", key)
		}
		got = append(got, blocks[i]...)
	}
	golden(t, "testdata/format.yaml", got)
}

func TestFormatParse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all := []Answers{defaultAnswers(), fullAnswers()}
	for range 500 {
		all = append(all, randomAnswers(r))
	}
	for _, want := range all {
		file := want.Format()
		got, err := Parse("authgen.yaml", file)
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got:\n%s\n%s", diff, file)
		}
		if again := got.Format(); !bytes.Equal(again, file) {
			t.Fatalf("formatted twice:\n%s", cmp.Diff(string(file), string(again)))
		}
		if got.Hash() != want.Hash() {
			t.Fatal("the hash changed on the way")
		}
	}
}

func TestFormatQuotes(t *testing.T) {
	for _, s := range []string{
		"", "yes", "No", "null", "~", "1", "-", "- a", "a: b", "a:", "a #b", "#a", "[a]", "{a}", "*a", "&a", "!a", "%a",
		"'", `"`, `\`, " a", "a ", "a\nb", "a\tb", "\x00", "\x7f", "\u0085", "\u2028", "é", "日本", "🙂", "\ufeff", "a,b", "?", "@a", "`", "1:30", ".inf",
	} {
		file := "version: 1\npublic: " + listValue([]string{s, s}).flow(inBlock) + "\n"
		_, err := Parse("f", []byte(file))
		// None of these is a path, and each must be refused for what it is.
		var want []string
		c := checker{}
		c.paths("public", []string{s, s})
		for _, p := range c.problems {
			want = append(want, p.Message)
		}
		var got []string
		if err != nil {
			for _, p := range err.(Problems) {
				got = append(got, p.Message)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q in %q (-want +got):\n%s", s, file, diff)
		}
	}
}

func TestParseAnswersShort(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		change     func(*Answers)
	}{
		{"all default", "version: 1\n", func(*Answers) {}},
		{"byte order mark", "\ufeffversion: 1\n", func(*Answers) {}},
		{"one document, marked", "# answers\n---\nversion: 1\n...\n# end\n", func(*Answers) {}},
		{"line ends", "version: 1\r\n# c\r\npublic:\r\n  - /a\r\n", func(a *Answers) { a.Public = []string{"/a"} }},
		{"derived names", "version: 1\npackage: web/login\nroles:\n  - {name: boss, permissions: ['users:read', 'users:write']}\n  - name: guest\n", func(a *Answers) {
			a.Package, a.PackageName = "web/login", "login"
			a.Roles = []Role{{"boss", []string{UsersRead, UsersWrite}, false}, {"guest", nil, false}}
			a.DefaultRole = "guest"
		}},
		{"nothing is derived for what is given", "version: 1\nfeatures: {manage_users: false}\nroles: [{name: admin}, {name: member}]\n", func(a *Answers) {
			a.Switch("manage_users", false)
			a.Roles = []Role{{Name: "admin"}, {Name: "member"}}
		}},
		{"one feature", "version: 1\nfeatures:\n  signup: false\n", func(a *Answers) { a.Switch("signup", false) }},
		{"quotes", "\"version\": 1\n'session': \"stateless\"\nname: ''\nprofile: [ ]\n", func(a *Answers) { a.Session, a.Profile = "stateless", nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse("authgen.yaml", []byte(tt.file))
			if err != nil {
				t.Fatal(err)
			}
			want := defaultAnswers()
			tt.change(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

const conflictMarkers = "git left conflict markers in the file; keep what is right, and delete the lines with <<<<<<<, ======= and >>>>>>>"

func TestParseAnswersErrors(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"empty", "", `f:1:1: empty; the first line is "version: 1"`},
		{"only comments", "# a\n\n# b\n", `f:1:1: empty; the first line is "version: 1"`},
		{"conflict", "version: 1\n<<<<<<< HEAD\nsession: database\n=======\nsession: stateless\n>>>>>>> a\n", `f:2:1: ` + conflictMarkers},
		{"conflict, in Windows", "version: 1\r\n\r\n<<<<<<< HEAD\r\n", `f:3:1: ` + conflictMarkers},
		{"rest of a conflict", "version: 1\nsession: stateless\n>>>>>>> a\n", `f:3:1: ` + conflictMarkers},
		{"middle of a conflict", "version: 1\n=======\n", `f:2:1: ` + conflictMarkers},
		{"base of a conflict", "version: 1\n||||||| 1a2b3c\n", `f:2:1: ` + conflictMarkers},
		{"no conflict", "version: 1\n# =======\nsession: |\n  =======\n", `f:3:10: session: want text on one line; this is a block of text`},
		{"no version", "# a\nsession: database\n", `f:2:1: the version is missing; the first line is "version: 1"`},
		{"newer", "version: 2\nsession: webauthn\nwho: knows\n", `f:1:10: version: 2 is from a newer authgen, and this one knows 1; install a newer one`},
		{"version zero", "version: 0\n", `f:1:10: version: there is no version 0; this authgen knows 1`},
		{"negative version", "version: -1\n", `f:1:10: version: there is no version -1; this authgen knows 1`},
		{"version as text", "version: \"1\"\n", `f:1:10: version: want the number 1; this is the text "1"`},
		{"list", "- a\n", `f:1:1: answers are keys with values; this is a list`},
		{"text", "hello\n", `f:1:1: answers are keys with values; this is the text "hello"`},
		{"unknown key", "version: 1\nrooter: net/http\n", `f:2:1: unknown key "rooter" (did you mean "router"?)`},
		{"unknown keys", "version: 1\ncolor: red\n1: a\ntrue: b\n", `f:2:1: unknown key "color"` + "\n" + `f:3:1: unknown key "1"` + "\n" + `f:4:1: unknown key "true"`},
		{"permissions of nobody", "version: 1\npermissions: [a:b]\n", `f:2:1: unknown key "permissions"; each of the roles has its own`},
		{"unknown value", "version: 1\nsession: databse\n", `f:2:10: session: unknown value "databse" (did you mean "database"?); choose database or stateless`},
		{"planned value", "version: 1\ninterface: html\n", `f:2:12: interface: "html" is not supported yet; choose json`},
		{"driver of another database", "version: 1\ndatabase: postgres\ndriver: modernc.org/sqlite\n", `f:3:9: driver: modernc.org/sqlite is not a driver for postgres; choose github.com/jackc/pgx/v5 or github.com/lib/pq`},
		{"number in quotes", "version: 1\nmigrations_version: '0x7'\n", `f:2:21: migrations_version: "0x7": want a number above 0, of at most 14 digits, such as 7, 0007 or 20260101000000`},
		{"number with a sign", "version: 1\nmigrations_version: -7\n", `f:2:21: migrations_version: "-7": want a number above 0, of at most 14 digits, such as 7, 0007 or 20260101000000`},
		{"twice", "version: 1\nsession: database\nsession: stateless\n", `f:3:1: key "session" appears twice, first on line 2`},
		{"twice, and wrong", "version: 1\nsession: x\nsession: stateless\n", `f:2:10: session: unknown value "x"; choose database or stateless` + "\n" + `f:3:1: key "session" appears twice, first on line 2`},
		{"twice in a role", "version: 1\nroles:\n  - name: a\n    name: b\nfeatures: {manage_users: false}\n", `f:4:5: key "name" appears twice, first on line 3`},
		{"number", "version: 1\nname: 12\n", `f:2:7: name: want text; this is the number 12; put it in quotes`},
		{"truth", "version: 1\nsession: true\n", `f:2:10: session: want text; this is the truth value true; put it in quotes`},
		{"nothing", "version: 1\nname:\n", `f:2:1: name: want text; this is empty; write "" for an empty text`},
		{"list for text", "version: 1\nsession: [database]\n", `f:2:1: session: want text on one line; this is a list`},
		{"mapping for text", "version: 1\nsession:\n  a: b\n", `f:2:1: session: want text on one line; this is a mapping`},
		{"block for text", "version: 1\nsession: |\n  database\n", `f:2:10: session: want text on one line; this is a block of text`},
		{"text for list", "version: 1\npublic: /login\n", `f:2:9: public: want a list of texts, or [] for none; this is the text "/login"`},
		{"nothing for list", "version: 1\nprofile:\nsession: database\n", `f:2:1: profile: want a list of fields, or [] for none; this is empty`},
		{"roles as text", "version: 1\nroles: [admin, member]\n", `f:2:9: roles: a role is a name with permissions, such as - name: admin; this is the text "admin"` + "\n" +
			`f:2:16: roles: a role is a name with permissions, such as - name: admin; this is the text "member"`},
		{"role without name", "version: 1\nroles:\n  - permissions: [a:b]\n", `f:3:5: roles: the name of this role is missing`},
		{"unknown key of a role", "version: 1\nroles:\n  - name: a\n    permisions: []\nfeatures: {manage_users: false}\n", `f:4:5: unknown key "permisions" (did you mean "permissions"?)`},
		{"sensitive", "version: 1\nroles:\n  - name: a\n    sensitive: yes\n", `f:4:16: roles: want true or false; this is the text "yes"`},
		{"role name", "version: 1\nroles:\n- name: Admin\n  permissions: [users:read, users:write]\n- name: member\n", `f:3:9: roles: "Admin": a role name is lower case (did you mean "admin"?)`},
		{"permission", "version: 1\nroles:\n- name: admin\n  permissions: [users:read, users:write, read]\n- name: member\n", `f:4:42: roles: "read": a permission is lower-case words with a colon between them, such as posts:write`},
		{"no roles", "version: 1\nroles: []\ndefault_role: member\n", "f:2:1: roles: give at least one role"},
		{"nobody manages users", "version: 1\nsession: database\nroles: [{name: a}, {name: b}]\n", "f:3:1: features: manage_users is on, but no role has users:read and users:write; give it to a role that new users do not get, or switch manage_users off"},
		{"field", "version: 1\nprofile:\n  - name: phone\n    visible: [self, nobody]\n", `f:3:5: profile: "type" is missing from this field` + "\n" +
			`f:4:21: profile: field "phone": unknown viewer "nobody"; choose anyone, or self and roles`},
		{"visibility", "version: 1\nprofile:\n  - name: phone\n    type: string\n    visible:\n    - self\n    - membr\n", `f:7:7: profile: field "phone": unknown viewer "membr" (did you mean "member"?); choose anyone, or self and roles`},
		{"features as a list", "version: 1\nfeatures: [signup]\n", `f:2:1: features: features are names with true or false, such as signup: true; this is a list`},
		{"unknown feature", "version: 1\nfeatures:\n  sigup: true\n", `f:3:3: unknown key "sigup" (did you mean "signup"?)`},
		{"feature", "version: 1\nfeatures:\n  signup: on\n", `f:3:11: features: want true or false; this is the text "on"`},
		{"directory that is not a name", "version: 1\npackage: my-auth\n", `f:2:10: package_name: give one: the directory "my-auth" is not a Go package name`},
		{"anchor", "version: 1\npublic: &a [/a]\nprotected: *a\n", "f:2:9: anchors and aliases are not allowed; write the value out, in quotes if it begins with &\n" +
			"f:3:12: anchors and aliases are not allowed; write the value out, in quotes if it begins with *"},
		{"merge", "version: 1\nfeatures:\n  <<: {signup: true}\n", "f:3:3: anchors and aliases are not allowed; write the value out, in quotes if it begins with <<"},
		{"tag", "version: !!int 1\n", `f:1:10: tags are not allowed; remove "!!int"`},
		{"directive", "%YAML 1.2\n---\nversion: 1\n", "f:1:1: directives are not allowed; remove the line"},
		{"question mark", "? version\n: 1\n", "f:1:1: keys with ? are not allowed; write key: value"},
		{"two documents", "version: 1\n---\nversion: 1\n", "f:2:1: a second document; answers are one"},
		{"two ended documents", "version: 1\n...\nversion: 1\n", "f:3:1: a second document; answers are one"},
		{"syntax", "version: 1\npublic: [/a\n", "f:2:9: sequence end token ']' not found"},
		{"tab", "version: 1\nfeatures:\n\tsignup: true\n", "f:3:1: found character '\t' that cannot start any token"},
		{"indentation", "version: 1\n session: database\n", "f:1:10: mapping value is not allowed in this context"},
		{"not UTF-8", "version: 1\nname: \"é\xff\"\n", "f:2:9: not valid UTF-8"},
		{"large", strings.Repeat("#", maxFile+1), "f:1:1: larger than 1 MiB, so these are no answers"},
		{"deep", "version: 1\npublic: " + strings.Repeat("[", 100000), "f:2:17: nested more than 8 deep, so these are no answers"},
		{"deep by dashes", strings.Repeat("- ", 100000), "f:1:17: nested more than 8 deep, so these are no answers"},
		{"many keys", "version: 1\n" + strings.Repeat("a: b\n", 100000), "f:5001:2: more than 5000 keys and items, so these are no answers"},
		{"many items", "version: 1\npublic:\n" + strings.Repeat("- /a\n", 100000), "f:5001:1: more than 5000 keys and items, so these are no answers"},
		{"many items on a line", "version: 1\npublic: [" + strings.Repeat("1,", 100000), "f:2:10007: more than 5000 keys and items, so these are no answers"},
		{"line ends", "version: 1\r\n# a\r\n# b\r\nsession: x\r\n", `f:4:10: session: unknown value "x"; choose database or stateless`},
		{
			"all at once, in order", "version: 1\npackage: /auth\nsession: jwt\nrooter: chi\nprefix: auth\nroles:\n  - name: Admin\n  - name: member\n    sensitive: 1\nfeatures:\n  signup: 7\nmigrations: goose\n",
			`f:2:10: package: "/auth" is absolute; give it from the module root, such as "internal/auth"` + "\n" +
				`f:3:10: session: unknown value "jwt"; choose database or stateless` + "\n" +
				`f:4:1: unknown key "rooter" (did you mean "router"?)` + "\n" +
				`f:5:9: prefix: "auth": a path starts with / (did you mean "/auth"?)` + "\n" +
				`f:7:11: roles: "Admin": a role name is lower case (did you mean "admin"?)` + "\n" +
				`f:9:16: roles: want true or false; this is the number 1` + "\n" +
				`f:11:11: features: want true or false; this is the number 7`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse("f", []byte(tt.file))
			if err == nil {
				t.Fatalf("accepted: %+v", got)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(Answers{}, got); diff != "" {
				t.Errorf("answers beside an error:\n%s", diff)
			}
		})
	}
}

func FuzzParseAnswers(f *testing.F) {
	f.Add(defaultAnswers().Format())
	f.Add(fullAnswers().Format())
	for _, file := range []string{
		"version: 1\n",
		"version: 1\nroles: [{name: a, permissions: [users:read]}]\nfeatures: {manage_users: false}\n",
		"---\nversion: 1\nprofile: []\n...\n",
		"version: 1\npackage: >-\n  a\n",
		"version: 1\nname: \"a\\u0062\"\n",
		"a: &b *c\n!!d e\n? f\n%g\n",
		"[[{\"'|>-\t\r\n",
	} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Parse("f", data)
		if err != nil {
			lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 1
			for _, p := range err.(Problems) {
				if p.Pos.Filename != "f" || p.Pos.Line < 1 || p.Pos.Line > lines || p.Pos.Column < 1 || p.Message == "" {
					t.Errorf("problem %+v in a file of %d lines", p, lines)
				}
			}
			return
		}
		if err := a.Check(); err != nil {
			t.Fatalf("accepted, but %v", err)
		}
		file := a.Format()
		again, err := Parse("f", file)
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		if diff := cmp.Diff(a, again); diff != "" {
			t.Fatalf("-parsed +formatted and parsed:\n%s", diff)
		}
		if got := again.Format(); !bytes.Equal(got, file) {
			t.Fatalf("formatted twice:\n%s", cmp.Diff(string(file), string(got)))
		}
	})
}
