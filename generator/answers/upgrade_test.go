package answers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keep has the answer to a question be what packages were before there was the key, for
// the time of a test.
func keep(t *testing.T, key, text string) {
	t.Helper()
	before := Keys
	t.Cleanup(func() { Keys = before })
	Keys = slices.Clone(Keys)
	Keys[slices.IndexFunc(Keys, func(k Key) bool { return k.Name == key })].Kept = text
}

// without returns a file without the entries of some keys, and without the lines of some
// features, such as "features.signup".
func without(text []byte, gone ...string) []byte {
	var kept []string
	for _, entry := range strings.SplitAfter(string(text), "\n\n") {
		var lines []string
		key := ""
		for line := range strings.Lines(entry) {
			if name, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, " ") {
				key = name
			}
			feature, _, _ := strings.Cut(strings.TrimSpace(line), ":")
			if !slices.Contains(gone, key+"."+feature) {
				lines = append(lines, line)
			}
		}
		if !slices.Contains(gone, key) {
			kept = append(kept, strings.Join(lines, ""))
		}
	}
	return []byte(strings.TrimRight(strings.Join(kept, ""), "\n") + "\n")
}

func TestComplete(t *testing.T) {
	firstFeatures(t)
	full := string(defaultAnswers().Format())
	for _, tt := range []struct {
		name, file string
		change     func(*Answers)
		want       string // "" for the file as it is
		added      []string
	}{
		{name: "nothing is missing", file: full},
		{
			name: "a key", file: string(without([]byte(full), "tests")),
			want: full, added: []string{"tests: contract"},
		},
		{
			name: "a key in the middle, and a feature", file: string(without([]byte(full), "store", "features.remember")),
			change: func(a *Answers) { a.Switch("remember", false) },
			want:   strings.Replace(full, "remember: true", "remember: false", 1),
			added:  []string{"store: database", "features.remember: false, or features=remember"},
		},
		{
			name:   "all features",
			file:   string(without([]byte(full), "features")),
			change: func(a *Answers) { a.Features = FeatureSet(0).With("signup", true) },
			want:   strings.NewReplacer("remember: true", "remember: false", "delete_account: true", "delete_account: false", "manage_users: true", "manage_users: false").Replace(full),
			added: []string{
				"features.signup: true", "features.remember: false, or features=remember",
				"features.delete_account: false, or features=delete_account", "features.manage_users: false, or features=manage_users",
			},
		},
		{
			name:   "features in braces, with comments of mine",
			file:   strings.Replace(string(without([]byte(full), "features", "tests")), "# format of the migrations", "features: {remember: true} # mine\n# also mine", 1),
			change: func(a *Answers) { a.Features = FeatureSet(0).With("remember", true) },
			want: strings.Replace(strings.Replace(string(without([]byte(full), "features")), "# format of the migrations",
				"features: {signup: false, remember: true, delete_account: false, manage_users: false} # mine\n# also mine", 1), "\n\n\n", "\n\n", 1),
			added: []string{
				"features.signup: false, or features=signup", "features.delete_account: false, or features=delete_account",
				"features.manage_users: false, or features=manage_users", "tests: contract",
			},
		},
		{
			name:   "no features so far",
			file:   string(without([]byte(full), "features", "tests")) + "features: {}\n",
			change: func(a *Answers) { a.Features = 0 },
			want:   "features:\n  signup: false\n  remember: false\n  delete_account: false\n  manage_users: false\n",
			added: []string{
				"features.signup: false, or features=signup", "features.remember: false, or features=remember",
				"features.delete_account: false, or features=delete_account", "features.manage_users: false, or features=manage_users", "tests: contract",
			},
		},
		{
			name: "line ends of Windows", file: strings.ReplaceAll(string(without([]byte(full), "prefix")), "\n", "\r\n"),
			want: strings.ReplaceAll(full, "\n", "\r\n"), added: []string{"prefix: /auth"},
		},
		{
			name:   "what is mostly not said",
			file:   full,
			change: func(a *Answers) { a.Bridge = "stateless" },
			want:   strings.Replace(full, "\n# format that the routes use", "\n# sessions of a former style that are converted when they are next used, after a change of session: none, stateless, database\nbridge: stateless\n\n# format that the routes use", 1),
			added:  []string{"bridge: stateless"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			to := defaultAnswers()
			if tt.change != nil {
				tt.change(&to)
			}
			got, added, err := Complete("authgen.yaml", []byte(tt.file), to)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				tt.want = tt.file
			}
			if !strings.Contains(string(got), tt.want) {
				t.Errorf("(-want +got):\n%s", cmp.Diff(tt.want, string(got)))
			}
			var list []string
			for _, a := range added {
				text := a.String()
				if a.Default != "" {
					text += ", or " + a.Assignment()
				}
				list = append(list, text)
			}
			if diff := cmp.Diff(tt.added, list); diff != "" {
				t.Errorf("added (-want +got):\n%s", diff)
			}
			if again, added, err := Complete("authgen.yaml", got, to); err != nil || string(again) != string(got) || added != nil {
				t.Errorf("completed again: %v, %v\n%s", added, err, cmp.Diff(string(got), string(again)))
			}
		})
	}
}

// A key that a version brings does not change what a package of an older one is, while
// a new package has the default.
func TestKept(t *testing.T) {
	keep(t, "tests", "all")
	keep(t, "prefix", "/id")
	then := defaultAnswers()
	then.Tests, then.Prefix = "all", "/id"
	then.Switch("manage_users", false)
	emitted, err := ParseEmitted("authgen.lock", without(then.Canonical(), "version: 1"))
	if err != nil || emitted.Hash() != then.Hash() {
		t.Fatalf("the written answers are read as others: %v", err)
	}
	var lines []string
	for line := range strings.Lines(string(then.Canonical())) {
		if !strings.HasPrefix(line, "tests:") && !strings.HasPrefix(line, "prefix:") && !strings.HasPrefix(line, "  manage_users:") {
			lines = append(lines, line)
		}
	}
	if emitted, err = ParseEmitted("authgen.lock", []byte(strings.Join(lines, ""))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(then, emitted); diff != "" {
		t.Errorf("the package was something else (-then +emitted):\n%s", diff)
	}

	file := without(then.Format(), "tests", "prefix", "features.manage_users")
	a, err := ParseOlder("authgen.yaml", file, emitted)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(then, a); diff != "" {
		t.Errorf("the answers changed (-then +now):\n%s", diff)
	}
	_, added, err := Complete("authgen.yaml", file, a)
	if err != nil {
		t.Fatal(err)
	}
	want := []Addition{
		{Key: "prefix", Value: "/id", Default: "/auth"},
		{Key: "features", Feature: "manage_users", Value: "false", Default: "true"},
		{Key: "tests", Value: "all", Default: "contract"},
	}
	if diff := cmp.Diff(want, added); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	for i, text := range []string{"prefix=/auth", "features=manage_users", "tests=contract"} {
		if got := want[i].Assignment(); got != text {
			t.Errorf("assignment %s, want %s", got, text)
		}
		if _, err := a.Apply(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if fresh := defaultAnswers(); a.Hash() != fresh.Hash() {
		t.Error("with the defaults, it is not what a new package is")
	}
	// What the developer changed since, and what was taken out of the file, counts too.
	edited := strings.Replace(string(without(file, "router", "session")), "database: sqlite\n", "database: postgres\n", 1)
	edited = strings.Replace(edited, "driver: modernc.org/sqlite\n", "driver: github.com/lib/pq\n", 1)
	emitted.Session, emitted.Router = "stateless", "chi"
	a, err = ParseOlder("authgen.yaml", []byte(edited), emitted)
	if err != nil || a.Session != "stateless" || a.Router != "chi" || a.Driver != "github.com/lib/pq" || a.Tests != "all" {
		t.Errorf("answers %+v, error %v", a, err)
	}
}

// Each key has an answer that can be kept.
func TestKeysKept(t *testing.T) {
	a := kept()
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	for _, k := range Keys {
		if k.Kept != "" && (k.FlagOnly || k.OmitDefault || k.Name == "features") {
			t.Errorf("%s: what is kept cannot be told from the default in a file without the key", k.Name)
		}
	}
}

// Whatever a file does not have, it is completed to the answers, and no other line of
// it changes.
func TestCompleteRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		to := defaultAnswers()
		if r.IntN(2) == 0 {
			to = fullAnswers()
		}
		for _, v := range KeyNamed("features").Values {
			if v.Name != "manage_users" {
				to.Switch(v.Name, r.IntN(2) == 0)
			}
		}
		var gone []string
		for _, k := range Keys {
			if r.IntN(3) == 0 && !k.FlagOnly {
				gone = append(gone, k.Name)
			}
		}
		left := 0
		for _, v := range KeyNamed("features").Values {
			if r.IntN(3) == 0 {
				gone = append(gone, "features."+v.Name)
			} else {
				left++
			}
		}
		if left == 0 {
			gone = append(gone, "features") // which is not an empty mapping
		}
		file := without(to.Format(), gone...)
		a, err := ParseOlder("authgen.yaml", file, to)
		if err != nil {
			t.Fatalf("without %q: %v\n%s", gone, err, file)
		}
		got, added, err := Complete("authgen.yaml", file, a)
		if err != nil {
			t.Fatalf("without %q: %v\n%s", gone, err, file)
		}
		if want := string(a.Format()); strings.TrimSpace(string(got)) != strings.TrimSpace(want) {
			t.Fatalf("without %q (-want +got):\n%s", gone, cmp.Diff(want, string(got)))
		}
		if len(gone) > 0 && len(added) == 0 {
			t.Errorf("without %q: nothing was added", gone)
		}
	}
}

// An older version gets the keys that it knows, with the answers of now.
func TestFormatLike(t *testing.T) {
	a := defaultAnswers()
	file := without(a.Format(), "tests", "store", "features.remember")
	a.Package = "lib/auth"
	a.Switch("signup", false)
	text, err := a.FormatLike(file)
	if err != nil {
		t.Fatal(err)
	}
	now, err := Parse("authgen.yaml", text)
	if err != nil || now.Hash() != a.Hash() {
		t.Errorf("it says something else: %v\n%s", err, text)
	}
	for _, word := range []string{"tests:", "store:", "remember:"} {
		if strings.Contains(string(text), "\n"+word) || strings.Contains(string(text), fmt.Sprintf("\n  %s", word)) {
			t.Errorf("it has %s\n%s", word, text)
		}
	}
}
