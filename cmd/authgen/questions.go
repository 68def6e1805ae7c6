package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// question is what is asked next: what to ask depends only on the answers so
// far and on the project.
type question struct {
	key     string
	role    string // for the permissions of one role
	text    string
	help    string
	options []prompt.Option
	many    bool
	def     string   // in the form of a flag
	found   []string // what the project says about it, a line each
}

// survey holds the answers as they come in.
type survey struct {
	project *project.Project
	answers answers.Answers
	given   map[string]bool // what was answered: keys, "permissions editor" for one role, "manage_users"
	others  []*instance     // the module's other packages
	now     time.Time       // for migrations that are numbered by it
}

// newSurvey starts with the defaults, and with the answers that were given as
// flags, by key.
func newSurvey(project *project.Project, defaults answers.Answers, flags map[string]string) (*survey, error) {
	s := &survey{project: project, answers: defaults, given: make(map[string]bool), now: time.Now()}
	var problems several
	for _, k := range answers.Keys {
		text, ok := flags[k.Name]
		if !ok {
			continue
		}
		if err := s.answers.Set(k.Name, unlist(k.Name, text)); err != nil {
			problems = append(problems, flagProblems(err))
		}
		s.given[k.Name] = true
		if k.Name == "roles" {
			// Somebody has to manage the others. Features that are given come later.
			s.answers.Features.ManageUsers = len(s.answers.Roles) > 1
		}
	}
	if problems != nil {
		return nil, problems
	}
	s.given["manage_users"] = strings.Contains(flags["features"], "manage_users")
	for _, dir := range project.Instances {
		other, err := openInstance(project, dir)
		if err != nil {
			return nil, err
		}
		s.others = append(s.others, other)
	}
	return s, nil
}

// flagProblems names the flags of what is wrong with answers.
func flagProblems(err error) error {
	var problems answers.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var list several
	for _, p := range problems {
		list = append(list, fmt.Errorf("%s: %s", dashed(p.Key()), p.Message))
	}
	return list
}

// unlist returns nothing for the ways to write that a list is empty.
func unlist(key, text string) string {
	switch text = strings.TrimSpace(text); key {
	case "permissions", "profile", "public", "protected":
		if text == "[]" || text == "-" || text == "none" {
			return ""
		}
	}
	return text
}

// manageIfPossible sets the default of manage_users: it takes a role above the
// one of new users, and the permission if all have been given out.
func (s *survey) manageIfPossible() {
	a := s.complete()
	a.Features.ManageUsers = true
	a.Normalize()
	var problems answers.Problems
	errors.As(a.Check(), &problems)
	s.answers.Features.ManageUsers = !slices.ContainsFunc(problems, func(p answers.Problem) bool { return p.Key() == "features" })
}

// complete returns the answers with everything that follows from them, and from
// the project.
func (s *survey) complete() answers.Answers {
	a := s.answers
	for _, k := range answers.Keys {
		if s.given[k.Name] {
			continue
		}
		if d := detect(s.project, k.Name, a, s.given, s.now); d.value != "" {
			_ = a.Set(k.Name, d.value) // what cannot be an answer is not taken for one
		}
	}
	a.Normalize()
	return a
}

// detect returns what the project says about a key that was not answered.
func (s *survey) detect(key string) detection {
	if s.given[key] {
		return detection{}
	}
	return detect(s.project, key, s.complete(), s.given, s.now)
}

// unclear is an error if the project says several things about what was not
// answered, so that there is no answer to take.
func (s *survey) unclear() error {
	var problems several
	var flags []string
	for _, k := range answers.Keys {
		if d := s.detect(k.Name); d.unclear() {
			problems = append(problems, fmt.Errorf("%s: there are several to choose from: %s", dashed(k.Name), strings.Join(d.evidence, ", ")))
			flags = append(flags, dashed(k.Name)+"="+shellQuote(d.value))
		}
	}
	if problems == nil {
		return nil
	}
	return withHint("give what is right, such as "+strings.Join(flags, " "), problems)
}

// next returns the next question, and false when there is none.
func (s *survey) next() (question, bool) {
	for _, k := range answers.Keys {
		if s.given[k.Name] {
			continue
		}
		switch {
		case k.Name == "permissions":
			for _, r := range s.answers.Roles {
				if !s.given["permissions "+r.Name] {
					return s.askPermissions(r.Name), true
				}
			}
			continue
		case k.Unasked,
			k.Name == "package_name" && !s.has("package_name"),
			k.Name == "name" && len(s.project.Instances) == 0,
			k.Name == "default_role" && len(s.answers.Roles) < 3, // the lowest, then
			k.Name == "store" && s.answers.Session != "database",
			k.Name == "migrations_dir" && !s.detect(k.Name).unclear(),
			k.Name == "migrations_version" && !s.has("migrations_version"),
			s.detect(k.Name).sure,
			len(s.values(k)) == 1 && !k.Many:
			continue
		}
		return s.ask(k), true
	}
	return question{}, false
}

// has reports whether something is wrong with the answer for a key as it stands.
func (s *survey) has(key string) bool {
	return slices.ContainsFunc(s.problems(), func(p answers.Problem) bool { return p.Key() == key })
}

// values returns the values of a key that go with the answers for earlier ones.
func (s *survey) values(k answers.Key) []answers.Value {
	a := s.complete()
	return slices.DeleteFunc(slices.Clone(k.Values), func(v answers.Value) bool {
		switch k.Name {
		case "driver":
			return !slices.Contains(answers.DriversFor(a.Database), v.Name)
		case "migrations":
			return v.Name == "tern" && a.Database != "postgres"
		}
		return false
	})
}

func (s *survey) ask(k answers.Key) question {
	q := question{key: k.Name, text: k.Question, help: textHelp(k), many: k.Many, def: s.complete().Get(k.Name), found: s.detect(k.Name).evidence}
	switch {
	case k.Name == "package_name":
		q.def = "" // it is asked since the directory's name cannot be it
	case k.Name == "default_role":
		// The highest role is for nobody who just comes by.
		for _, r := range s.answers.Roles[1:] {
			q.options = append(q.options, prompt.Option{Value: r.Name})
		}
	default:
		for _, v := range s.values(k) {
			q.options = append(q.options, prompt.Option{Value: v.Name, Help: v.Help})
		}
	}
	return q
}

// textHelp is the help for an answer as text, which is shorter than in the file.
func textHelp(k answers.Key) string {
	if k.Name == "profile" {
		return k.Help + "; such as phone:string:self+admin"
	}
	return k.Help
}

func (s *survey) askPermissions(role string) question {
	q := question{
		key:  "permissions",
		role: role,
		text: fmt.Sprintf("What may %s do?", role),
		help: "permissions such as posts:write, with commas between; users:read and users:write are for managing users; none for none",
		def:  "none",
	}
	roles := s.complete().Roles
	if role != roles[len(roles)-1].Name {
		q.help = "what it may beyond the roles below it; " + q.help
	}
	for _, r := range roles {
		if r.Name == role && len(r.Permissions) > 0 {
			q.def = strings.Join(r.Permissions, ",")
		}
	}
	return q
}

// problems is everything that is wrong with the answers as they stand.
func (s *survey) problems() answers.Problems {
	a := s.complete()
	var problems answers.Problems
	add := func(key, format string, args ...any) {
		problems = append(problems, answers.Problem{Path: key, Message: fmt.Sprintf(format, args...)})
	}
	errors.As(a.Check(), &problems)
	if taken := packageTaken(s.project, a.Package); taken != "" && !slices.ContainsFunc(problems, func(p answers.Problem) bool { return p.Key() == "package" }) {
		add("package", "%s", taken)
	}
	for _, key := range []string{"migrations_dir", "migrations_version"} {
		if message := s.migrationTaken(key, a); message != "" && !slices.ContainsFunc(problems, func(p answers.Problem) bool { return p.Key() == key }) {
			add(key, "%s", message)
		}
	}
	for _, other := range s.others {
		switch {
		case other.answers.Name != a.Name:
		case a.Name == "":
			add("name", "give a prefix: without one, the package would share its cookie and tables with %s", other.dir)
		default:
			add("name", "%q is the prefix of the cookie and the tables of %s; choose another", a.Name, other.dir)
		}
		if dir, ok := beside(other.answers, other.dir, a.Package); ok {
			add("package", "%s is for a package of %s; choose another directory", dir, other.dir)
		}
		if _, ok := beside(a, a.Package, other.dir); ok {
			add("package", "%s is another package's, and is for one beside this; choose another directory", other.dir)
		}
		if other.answers.Prefix == a.Prefix {
			add("prefix", "the routes of %s are below %s already; choose another path, such as /%s", other.dir, a.Prefix, cmp.Or(a.Name, "staff")+a.Prefix)
		}
	}
	return problems
}

// beside returns the directory of a package beside the core in dir, if another one is
// in there.
func beside(a answers.Answers, dir, other string) (string, bool) {
	for _, name := range []string{a.WebName(), a.TestName()} {
		if taken := path.Join(dir, name); other == taken || strings.HasPrefix(other, taken+"/") {
			return taken, true
		}
	}
	return "", false
}

// migrationTaken returns why a new migration cannot be where the answers say, or
// nothing.
func (s *survey) migrationTaken(key string, a answers.Answers) string {
	if a.MigrationsDir == "" {
		return ""
	}
	entries, err := os.ReadDir(filepath.Join(s.project.Root, filepath.FromSlash(a.MigrationsDir)))
	if key == "migrations_dir" {
		var dirs []string
		for _, m := range s.project.Migrations {
			dirs = append(dirs, m.Dir)
		}
		if meant := answers.DidYouMean(a.MigrationsDir, dirs); errors.Is(err, os.ErrNotExist) && meant != "" {
			return fmt.Sprintf("there is no directory %q%s; make it if it is meant", a.MigrationsDir, meant)
		}
		return ""
	}
	if _, err := os.Stat(filepath.Join(s.project.Root, filepath.FromSlash(a.Package), plan.LockFile)); err == nil {
		return "" // the file may be authgen's
	}
	for _, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "_")
		if sameNumber(number, a.MigrationsVersion) {
			return fmt.Sprintf("%s is taken by %s; choose another", a.MigrationsVersion, path.Join(a.MigrationsDir, e.Name()))
		}
	}
	return ""
}

// sameNumber reports whether two numbers are equal but for zeros in front.
func sameNumber(a, b string) bool {
	return strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0")
}

// packageTaken returns why a new package cannot be in dir, or nothing.
func packageTaken(project *project.Project, dir string) string {
	if slices.Contains(project.Instances, dir) {
		return fmt.Sprintf("%s exists already; choose another directory", path.Join(dir, answers.FileName))
	}
	name := project.Root
	for elem := range strings.SplitSeq(dir, "/") {
		name = filepath.Join(name, elem)
		if info, err := os.Stat(name); err == nil && !info.IsDir() {
			return fmt.Sprintf("%s is a file; choose another directory", name)
		}
	}
	if _, err := os.Stat(filepath.Join(name, plan.LockFile)); err == nil {
		return "" // authgen's, though its answers are gone
	}
	files, _ := filepath.Glob(filepath.Join(name, "*.go"))
	if len(files) > 0 {
		return fmt.Sprintf("%s has Go files of another package, such as %s; choose another directory", dir, filepath.Base(files[0]))
	}
	return ""
}

// check returns what is wrong with an answer to q, alone or beside those given
// before it.
func (s *survey) check(q question, text string) error {
	try := *s
	if err := try.set(q, text); err != nil {
		var problems answers.Problems
		if errors.As(err, &problems) {
			return errors.New(problems[0].Message)
		}
		return err
	}
	for _, p := range try.problems() {
		switch key := p.Key(); {
		case key == q.key, key == "roles" && q.key == "permissions",
			// Else no new user could have a role.
			key == "default_role" && q.key == "permissions" && q.role == s.answers.Roles[len(s.answers.Roles)-1].Name:
			return errors.New(p.Message)
		case s.given[key] && key != "features":
			// Roles may yet get the permission that the feature needs.
			return fmt.Errorf("it does not go with %s: %s", dashed(key), p.Message)
		}
	}
	return nil
}

func (s *survey) set(q question, text string) error {
	text = unlist(q.key, text)
	if q.key != "permissions" {
		return s.answers.Set(q.key, text)
	}
	// Only this role's; the others keep theirs.
	granted := s.answers.Roles
	if text != "" {
		words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '+' || unicode.IsSpace(r) })
		var err error
		if granted, err = answers.ParsePermissions(q.role+"="+strings.Join(words, "+"), s.answers.Roles); err != nil {
			return err
		}
	}
	roles := slices.Clone(s.answers.Roles)
	for i := range roles {
		if roles[i].Name != q.role {
			continue
		}
		roles[i].Permissions = nil
		if text != "" {
			roles[i].Permissions = granted[i].Permissions
		}
	}
	s.answers.Roles = roles
	return nil
}

// answer takes an answer that check has no objection to.
func (s *survey) answer(q question, text string) error {
	if err := s.set(q, text); err != nil {
		return err
	}
	s.mark(q)
	if (q.key == "roles" || q.key == "permissions") && !s.given["manage_users"] {
		s.manageIfPossible()
	}
	return nil
}

// mark notes that q was answered.
func (s *survey) mark(q question) {
	key := q.key
	if q.role != "" {
		key += " " + q.role
	}
	s.given[key] = true
}

// put asks q at the terminal and returns the answer in the form of a flag.
func (s *survey) put(p prompt.Prompter, q question) (string, error) {
	ask := prompt.Question{Text: q.text, Help: q.help}
	switch {
	case q.many:
		var def []string
		for name := range strings.SplitSeq(q.def, ",") {
			if !strings.HasPrefix(name, "-") {
				def = append(def, name)
			}
		}
		chosen, err := p.ChooseAny(ask, q.options, def)
		var text []string
		for _, o := range q.options {
			if !slices.Contains(chosen, o.Value) {
				o.Value = "-" + o.Value
			}
			text = append(text, o.Value)
		}
		return strings.Join(text, ","), err
	case len(q.options) > 0:
		return p.Choose(ask, q.options, q.def)
	}
	return p.Line(ask, q.def, func(text string) error { return s.check(q, text) })
}

// unanswered returns the flags that would spare a person all questions.
func (s *survey) unanswered() []string {
	rest := *s
	rest.given = maps.Clone(s.given)
	var missing []string
	for q, ok := rest.next(); ok; q, ok = rest.next() {
		rest.mark(q)
		if name := dashed(q.key); !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing
}
