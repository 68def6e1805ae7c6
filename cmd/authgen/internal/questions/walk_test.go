package questions

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// A walker takes steps of a walk and fails the test if they are not possible.
type walker struct {
	t    *testing.T
	walk *Walk
}

func newWalker(t *testing.T, p project.Project, given ...string) walker {
	return walker{t, NewWalk(Project{Project: &p, Defaults: answers.Default()}, flags(given...))}
}

// next returns the next question, and a zero one if there is none.
func (w walker) next() Question {
	w.t.Helper()
	_, q, ok, err := w.walk.Next()
	if err != nil {
		w.t.Fatal(err)
	}
	if ok != (q.Key != "") {
		w.t.Fatalf("question %q, ok %t", q.Key, ok)
	}
	return q
}

// answer answers the next question, which must be about that key.
func (w walker) answer(key, text string) {
	w.t.Helper()
	q := w.next()
	if got := strings.TrimSpace(q.Key + " " + q.Role); got != key {
		w.t.Fatalf("the next question is %q, want %q", got, key)
	}
	w.walk.Answer(q, text)
}

// enter answers the next question as Enter does, and returns the answer.
func (w walker) enter(key string) string {
	w.t.Helper()
	q := w.next()
	text := q.Default
	if q.Typed != "" {
		text = q.Typed
	}
	w.answer(key, text)
	return text
}

// back goes back from the next question, in which a text is typed or chosen.
func (w walker) back(text string) bool {
	w.t.Helper()
	return w.walk.Back(w.next(), text)
}

// answers returns the given answers, as flags.
func (w walker) given() string {
	w.t.Helper()
	r, err := w.walk.Resolve()
	if err != nil {
		w.t.Fatal(err)
	}
	var texts []string
	for _, f := range r.GivenFlags() {
		texts = append(texts, f.Key+"="+f.Text)
	}
	return strings.Join(texts, " ")
}

// Going back loses nothing: not the answers before, not those after, and not what was
// typed into the question that was left.
func TestBack(t *testing.T) {
	w := newWalker(t, project.Project{}, "package=auth", "session=stateless", "router=net/http", "database=sqlite", "driver=modernc.org/sqlite")
	w.walk.All()
	w.answer("prefix", "/id")
	w.answer("roles", "owner,member")
	w.answer("permissions owner", "posts:write")
	if !w.back("us") {
		t.Fatal("there is no way back from the fourth question")
	}
	if q := w.next(); q.Role != "owner" || q.Typed != "posts:write" {
		t.Errorf("back at %s %s with %q, want at permissions owner with its answer", q.Key, q.Role, q.Typed)
	}
	w.back("posts:wri")
	if q := w.next(); q.Key != "roles" || q.Typed != "owner,member" {
		t.Errorf("back at %s with %q, want at roles with its answer", q.Key, q.Typed)
	}
	w.back("")
	if q := w.next(); q.Key != "prefix" {
		t.Errorf("back at %s, want at prefix", q.Key)
	}
	if w.back("") {
		t.Error("there is a question before the first")
	}

	// The answers still count, and are the defaults the next time.
	const want = "package=auth session=stateless router=net/http database=sqlite driver=modernc.org/sqlite prefix=/id roles=owner,member permissions=owner=posts:write"
	if got := w.given(); got != want {
		t.Errorf("given %s\nwant  %s", got, want)
	}
	w.walk.All()
	for _, step := range [][2]string{
		{"prefix", "/id"},
		{"roles", "owner,member"},
		{"permissions owner", "posts:wri"},
		{"permissions member", "us"},
	} {
		if got := w.enter(step[0]); got != step[1] {
			t.Errorf("%s: default %q, want %q", step[0], got, step[1])
		}
	}
}

// An answer that no longer goes with an earlier one that was changed is not used, and is
// not offered where it is not an option.
func TestChangedAnswer(t *testing.T) {
	w := newWalker(t, project.Project{}, "package=auth", "session=stateless", "router=net/http")
	w.walk.All()
	w.answer("database", "postgres")
	w.answer("driver", "github.com/lib/pq")
	w.back("")
	w.back("")
	w.answer("database", "sqlite")
	if got := w.enter("driver"); got != "modernc.org/sqlite" {
		t.Errorf("driver: default %q", got)
	}

	w.walk.Only("database")
	w.answer("database", "mysql") // which has one driver
	if q := w.next(); q.Key != "" {
		t.Errorf("it asks for %s too", q.Key)
	}
	const want = "package=auth session=stateless router=net/http database=mysql"
	if got := w.given(); got != want {
		t.Errorf("given %s\nwant  %s", got, want)
	}
}

// A pass about one key asks nothing else, and keeps the other answers.
func TestOnly(t *testing.T) {
	w := newWalker(t, project.Project{})
	w.walk.All()
	w.answer("package", "lib/auth")
	w.walk.Only("roles")
	w.answer("roles", "a,b")
	if q := w.next(); q.Key != "" {
		t.Errorf("it asks for %s too", q.Key)
	}
	w.walk.Only("permissions")
	w.answer("permissions a", "users:read,users:write")
	w.answer("permissions b", "none")
	if q := w.next(); q.Key != "" {
		t.Errorf("it asks for %s too", q.Key)
	}
	const want = "package=lib/auth roles=a,b permissions=a=users:read+users:write"
	if got := w.given(); got != want {
		t.Errorf("given %s\nwant  %s", got, want)
	}
}

// What cannot be recommended is asked, once; with the reason.
func TestRequired(t *testing.T) {
	w := newWalker(t, project.Project{Routers: []project.Candidate{gin, chi}, Drivers: []project.Candidate{pq, sqlite}, Databases: databases(pq, sqlite)})
	w.walk.Required()
	if q := w.next(); q.Must == "" || len(q.Found) != 2 {
		t.Errorf("must %q, found %q", q.Must, q.Found)
	}
	w.answer("router", "chi")
	w.answer("database", "sqlite")
	w.back("")
	w.enter("database")
	if q := w.next(); q.Key != "" {
		t.Errorf("it asks for %s too", q.Key)
	}
	w.walk.Required()
	if q := w.next(); q.Key != "" {
		t.Errorf("it asks for %s again", q.Key)
	}
	if got, want := w.given(), "router=chi database=sqlite"; got != want {
		t.Errorf("given %s, want %s", got, want)
	}
}

// Going back from a question that must be answered leaves it open, and the next pass asks
// only for that one.
func TestRequiredLater(t *testing.T) {
	w := newWalker(t, project.Project{Routers: []project.Candidate{gin, chi}, Drivers: []project.Candidate{pq, sqlite}, Databases: databases(pq, sqlite)})
	w.walk.Required()
	w.answer("router", "chi")
	w.back("")
	w.back("")
	w.walk.Required()
	if q := w.next(); q.Key != "database" {
		t.Errorf("it asks for %s, want database", q.Key)
	}
}

// A required answer is required again if it no longer goes with the others.
func TestRequiredAgain(t *testing.T) {
	w := newWalker(t, project.Project{Migrations: []project.MigrationDir{migrations("a", "goose"), migrations("b", "tern")}})
	w.walk.Only("database")
	w.answer("database", "postgres")
	w.walk.Required()
	w.answer("migrations", "tern")
	w.walk.Required()
	if q := w.next(); q.Key != "" {
		t.Errorf("it asks for %s again", q.Key)
	}
	w.walk.Only("database")
	w.answer("database", "sqlite")
	w.walk.Required()
	if q := w.next(); q.Key != "migrations" || q.Default == "tern" {
		t.Errorf("it asks for %s with the default %s, want migrations with one for the database", q.Key, q.Default)
	}
}

// The profile is asked for one field at a time.
func TestProfile(t *testing.T) {
	w := newWalker(t, project.Project{})
	w.walk.Only("profile")
	w.answer("profile", oneField)
	if r, q, _, _ := w.walk.Next(); r.Check(q, "Phone Number") == nil || r.Check(q, "select") == nil || r.Check(q, "display_name") == nil || r.Check(q, "a:b") == nil {
		t.Error("any name is accepted")
	}
	w.answer("profile", "phone")
	w.answer("profile", "int")
	q := w.next()
	var offered []string
	for _, o := range q.Options {
		offered = append(offered, o.Name)
	}
	if diff := cmp.Diff([]string{"anyone", "self", "admin", "member"}, offered); diff != "" {
		t.Errorf("viewers (-want +got):\n%s", diff)
	}
	r, _ := Resolve(w.walk.project, Given{Profile: []string{oneField, "phone", "int"}})
	for _, text := range []string{"-anyone,-self,-admin,-member", "anyone,self,-admin,-member"} {
		if r.Check(q, text) == nil {
			t.Errorf("%s may see it", text)
		}
	}
	w.answer("profile", "-anyone,self,admin,-member")
	w.answer("profile", without+"display_name")

	// Two questions back, and forth again.
	w.back("")
	w.back("")
	if got := w.next().Default; got != "-anyone,self,admin,-member" {
		t.Errorf("viewers: default %q", got)
	}
	w.enter("profile")
	w.enter("profile")
	w.answer("profile", noField)
	if q := w.next(); q.Key != "" {
		t.Errorf("it asks for %s too: %s", q.Key, q.Text)
	}
	if got, want := w.given(), "profile=phone:int:self+admin"; got != want {
		t.Errorf("given %s, want %s", got, want)
	}
}

// A taken directory is not proposed again, and the problem names one that is free.
func TestSuggestion(t *testing.T) {
	taken := func(dirs ...string) func(answers.Answers) answers.Problems {
		return func(a answers.Answers) (problems answers.Problems) {
			for _, dir := range dirs {
				if a.Package == dir {
					problems = append(problems, answers.Problem{Path: "package", Message: dir + " is taken"})
				}
			}
			return problems
		}
	}
	other := Package{"internal/auth", answers.Answers{PackageName: "auth", Prefix: "/auth"}}
	for _, tt := range []struct {
		name    string
		project Project
		given   []string
		key     string
		want    string
	}{
		{"taken", Project{Taken: taken("internal/auth")}, nil, "package", "internal/authn"},
		{"two taken", Project{Taken: taken("internal/auth", "internal/authn")}, nil, "package", "internal/accounts"},
		{"another directory", Project{Taken: taken("notes")}, []string{"package=notes"}, "package", "internal/auth"},
		{"with a name", Project{Taken: taken("internal/auth")}, []string{"name=admin"}, "package", "internal/adminauth"},
		{"not a Go name", Project{}, []string{"package=lib/func"}, "package_name", "funcauth"},
		{"second package", Project{Others: []Package{other}}, []string{"package=internal/adminauth"}, "name", "admin"},
		{"second prefix", Project{Others: []Package{other}}, []string{"package=internal/adminauth", "name=admin"}, "prefix", "/admin/auth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.project.Project, tt.project.Defaults = &project.Project{Instances: []string{"internal/auth"}}, answers.Default()
			r, err := Resolve(tt.project, Given{Flags: flags(tt.given...)})
			if err != nil {
				t.Fatal(err)
			}
			if !hasProblem(r.Problems, tt.key) {
				t.Fatalf("there is no problem with %s: %v", tt.key, r.Problems)
			}
			if got := r.suggestion(tt.key); got != tt.want {
				t.Errorf("suggestion %q, want %q", got, tt.want)
			}
			if text := r.Problems.Error(); tt.key == "package" && !strings.Contains(text, "; choose another directory, such as "+tt.want) {
				t.Errorf("the problem is %q", text)
			}
		})
	}
}

// Each answer that can be changed has a row, with where it comes from.
func TestOverview(t *testing.T) {
	p := Project{
		Project:  &project.Project{Routers: []project.Candidate{chi}, Drivers: []project.Candidate{pq, sqlite}, Databases: databases(pq, sqlite), Stores: []project.Candidate{redis}},
		Defaults: answers.Default(),
	}
	r, err := Resolve(p, Given{Flags: flags("prefix=/id", "features=-signup"), Asked: flags("roles=a,b", "public=none")})
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{"package", Recommended, "internal/auth", nil},
		{"session", Recommended, "database", []string{"each is a record on the server"}},
		{"router", FromProject, "chi", []string{"chi.NewRouter at web/web.go:5"}},
		{"database", Missing, "", []string{"there are several to choose from", "postgres: github.com/lib/pq at db/pq.go:3", "sqlite: modernc.org/sqlite at db/lite.go:4"}},
		{"driver", FromProject, "github.com/lib/pq", []string{"at db/pq.go:3"}},
		{"store", Recommended, "database", []string{"beside the users", "found redis: github.com/redis/go-redis/v9 at db/redis.go:3"}},
		{"prefix", FromPerson, "/id", nil},
		{"roles", FromPerson, "a, b", nil},
		{"permissions", Recommended, "a: users:read users:write", nil},
		{"profile", Recommended, "display_name (string, for anyone)", nil},
		{"public", FromPerson, "none", nil},
		{"protected", Recommended, "none", nil},
		{"features", FromPerson, "remember, delete_account, manage_users", nil},
		{"migrations", Recommended, "goose", []string{"numbered SQL files, up and down in one"}},
	}
	if diff := cmp.Diff(want, r.Overview()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
