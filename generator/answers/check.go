package answers

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with the answers.
type Problem struct {
	Pos     token.Position // where in the file; invalid if the answers come from elsewhere
	Path    string         // which answer, such as "session" or "roles[1].permissions[0]"; empty for the file as a whole
	Message string         // what is wrong and what would be right
}

// Key returns the key, and so the name of the flag, of the answer.
func (p Problem) Key() string {
	if i := strings.IndexAny(p.Path, ".["); i >= 0 {
		return p.Path[:i]
	}
	return p.Path
}

// Error returns the position if there is one, the key if there is one, and
// the message.
func (p Problem) Error() string {
	var b strings.Builder
	if p.Pos.IsValid() {
		b.WriteString(p.Pos.String() + ": ")
	}
	if key := p.Key(); key != "" {
		b.WriteString(key + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems is the error for answers that cannot be used: everything that is
// wrong with them, in the order of the file or of the questions.
type Problems []Problem

// Error returns one line a problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Pos.Line-b.Pos.Line, a.Pos.Column-b.Pos.Column)
	})
}

// checker collects problems.
type checker struct {
	problems Problems
	wrong    map[string]bool // keys whose answer, seen alone, has a problem
}

func (c *checker) add(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return c.problems
}

const (
	maxRoles       = 32
	maxPermissions = 64
	maxFields      = 16

	// In bytes, as are the lengths in the patterns below.
	maxPackage    = 200 // leaves room for what is before and below it; of other directories too
	maxName       = 16
	maxRole       = 32
	maxPermission = 64
	maxField      = 32
)

// These are in the JSON schema too.
var (
	packageNamePattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	namePattern        = regexp.MustCompile(`^[a-z][a-z0-9_]{0,15}$`)
	rolePattern        = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	permissionPattern  = regexp.MustCompile(`^[a-z][a-z0-9_]*(:[a-z][a-z0-9_]*)+$`)
	fieldPattern       = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	pathPattern        = regexp.MustCompile(`^/[A-Za-z0-9._~/-]*$`)
	versionPattern     = regexp.MustCompile(`^0{0,13}[1-9][0-9]{0,13}$`)
)

// Check returns nil if a package can be made from the answers, and otherwise
// Problems: everything that is wrong with them, in question order, without
// positions.
func (a Answers) Check() error {
	c := checker{}
	c.wrong = make(map[string]bool)
	for _, k := range Keys {
		before := len(c.problems)
		k.answer.check(&c, k, a)
		c.wrong[k.Name] = len(c.problems) > before
		if k.check != nil {
			k.check(&c, a)
		}
	}
	return c.err()
}

func nameProblem(name string) string {
	if name == "" {
		return ""
	}
	for _, d := range Databases {
		if d.Reserved != "" && (name == d.Reserved || strings.HasPrefix(name, d.Reserved+"_")) {
			return fmt.Sprintf("%q: %s keeps tables whose names begin with %s_ to itself; choose another prefix, such as \"app\"", name, d.Title, d.Reserved)
		}
	}
	return wordProblem("the name", name, namePattern, maxName)
}

func prefixProblem(prefix string) string {
	if prefix == "/" {
		return `"/" leaves no paths for the rest of the program; choose one such as "/auth"`
	}
	return pathProblem(prefix)
}

func versionProblem(number string) string {
	if !versionPattern.MatchString(number) || len(number) > 14 {
		return fmt.Sprintf("%q: want a number above 0, of at most 14 digits, such as 7, 0007 or 20260101000000", number)
	}
	return ""
}

// packageNameMissing says that the name cannot be that of the directory, if that is so.
func packageNameMissing(a Answers) string {
	if packageNameOf(a.Package) != "" {
		return ""
	}
	return fmt.Sprintf("give one: the directory %q is not a Go package name", path.Base(a.Package))
}

func packageNameProblem(name string) string {
	another := fmt.Sprintf("choose another name, such as %q", strings.TrimRight(name, "_")+"auth")
	switch {
	case name == "":
		return `give a name, such as "auth"`
	case token.IsKeyword(name):
		return fmt.Sprintf("%q is a Go keyword; %s", name, another)
	case !packageNamePattern.MatchString(name):
		return wordProblem("a package name", name, packageNamePattern, maxPackage)
	case len(name) > maxPackage:
		return fmt.Sprintf("the name is longer than %d bytes", maxPackage)
	case name == "main":
		return fmt.Sprintf("%q is for commands, and cannot be imported; %s", name, another)
	case name == "init" || types.Universe.Lookup(name) != nil:
		return fmt.Sprintf("%q has a meaning of its own in Go; %s", name, another)
	case strings.HasSuffix(name, "_test"):
		return fmt.Sprintf("%q: _test at the end is for test packages; choose another name", name)
	case strings.HasSuffix(name, "_"):
		return fmt.Sprintf("%q: the package of the test kit would be %q, and _test at the end is for test packages; %s",
			name, Answers{PackageName: name}.TestName(), another)
	case slices.Contains(importedNames, name):
		return fmt.Sprintf("%q is the name of a package that the generated code imports; %s", name, another)
	case name == besideAuth.WebName() || name == besideAuth.TestName():
		return fmt.Sprintf("%q is what the package beside %q is called; choose another name", name, besideAuth.PackageName)
	}
	return ""
}

// wordProblem returns what is wrong with a name that must match pattern, and
// which name would be right if that can be guessed. What says what the name
// is: "a role name".
func wordProblem(what, word string, pattern *regexp.Regexp, longest int) string {
	snake := snakeCase(word)
	switch {
	case pattern.MatchString(word) && len(word) <= longest:
		return ""
	case word == "":
		return what + " must not be empty"
	case !isASCII(word):
		return fmt.Sprintf("%q: %s is ASCII, since it becomes part of Go and SQL names: a-z, 0-9 and _", word, what)
	case len(word) > longest:
		return fmt.Sprintf("%q: %s has at most %d characters", word, what, longest)
	case strings.ToLower(word) != word && pattern.MatchString(snake):
		return fmt.Sprintf("%q: %s is lower case (did you mean %q?)", word, what, snake)
	case pattern.MatchString(snake):
		return fmt.Sprintf("%q: %s consists of a-z, 0-9 and single _ (did you mean %q?)", word, what, snake)
	}
	return fmt.Sprintf("%q: %s starts with a-z and continues with a-z, 0-9 and _", word, what)
}

// snakeCase guesses what was meant by a name in another style.
func snakeCase(word string) string {
	var b strings.Builder
	for i, r := range word {
		switch {
		case r >= 'A' && r <= 'Z':
			if i > 0 && word[i-1] >= 'a' && word[i-1] <= 'z' {
				b.WriteByte('_')
			}
			b.WriteRune(r - 'A' + 'a')
		case r == '-' || r == ' ' || r == '.':
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '_' })
	return strings.Join(words, "_")
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// driver checks that the driver is one for the database.
func (c *checker) driver(a Answers) {
	if c.wrong["driver"] || c.wrong["database"] {
		return // a problem already
	}
	if fit := DriversFor(a.Database); !slices.Contains(fit, a.Driver) {
		c.add("driver", "%s is not a driver for %s; choose %s", a.Driver, a.Database, either(fit))
	}
}

func (c *checker) store(a Answers) {
	if store := StoreNamed(a.Store); store.Apart() && a.Session == "stateless" {
		c.add("store", "stateless sessions are not stored, so there is nothing to store in %s; choose database, or session database", store.Title)
	}
}

// bridge checks that the sessions to take over are of the other style, and that the
// database has both.
func (c *checker) bridge(a Answers) {
	if a.Bridge == "none" || c.wrong["bridge"] || c.wrong["session"] {
		return
	}
	switch store := StoreNamed(a.Store); {
	case a.Bridge == a.Session:
		c.add("bridge", "the session style is %s already; name the former one, or none", a.Session)
	case store.Apart():
		c.add("bridge", "other sessions cannot be converted to sessions in %s; choose none, or store database", store.Title)
	}
}

func (c *checker) migrations(a Answers) {
	if tool := MigrationToolNamed(a.Migrations); !tool.For(a.Database) && !c.wrong["database"] {
		c.add("migrations", "%s is only for %s, and the database is %s; choose another tool", tool.Name, tool.Database, a.Database)
	}
}

// migrationsDir checks that the migrations are either in the package's own
// directory for them or elsewhere.
func (c *checker) migrationsDir(a Answers) {
	if a.MigrationsDir != "" && a.MigrationsDir == a.Package || strings.HasPrefix(a.MigrationsDir, a.Package+"/") {
		c.add("migrations_dir", "%q is in the directory of the package, which has its own place for migrations; leave it empty", a.MigrationsDir)
	}
}

func (c *checker) roles(roles []Role) {
	switch {
	case len(roles) == 0:
		c.add("roles", "give at least one role")
	case len(roles) > maxRoles:
		c.add("roles", "%d roles are too many; at most %d", len(roles), maxRoles)
		return
	}
	c.roleNames(roles)
	for i, r := range roles {
		lower := slices.IndexFunc(roles[i:], func(below Role) bool { return below.Sensitive })
		if lower > 0 && !r.Sensitive {
			c.add(fmt.Sprintf("roles[%d]", i), "role %q is above %q, which is sensitive, and may do the same; make it sensitive too", r.Name, roles[i+lower].Name)
		}
	}
	constants := make(map[string]string) // Go name to permission
	for i, r := range roles {
		c.permissions(fmt.Sprintf("roles[%d].permissions", i), r)
		for j, p := range r.Permissions {
			constant := GoName(p)
			if other, ok := constants[constant]; ok && other != p {
				c.add(fmt.Sprintf("roles[%d].permissions[%d]", i, j), "permissions %q and %q would both be Permission%s in Go; rename one", other, p, constant)
				continue
			}
			constants[constant] = p
		}
	}
	if len(constants) > maxPermissions {
		c.add("roles", "%d permissions are too many; at most %d", len(constants), maxPermissions)
	}
}

func (c *checker) roleNames(roles []Role) {
	constants := make(map[string]string) // Go name to role
	for i, r := range roles {
		at := fmt.Sprintf("roles[%d].name", i)
		if message := wordProblem("a role name", r.Name, rolePattern, maxRole); message != "" {
			c.add(at, "%s", message)
			continue
		}
		if r.Name == "none" || r.Name == Anyone || r.Name == Self {
			c.add(at, "%q is not a role name, since it has a meaning of its own; choose another", r.Name)
		}
		constant := GoName(r.Name)
		switch other, ok := constants[constant]; {
		case ok && other == r.Name:
			c.add(at, "role %q appears twice", r.Name)
		case ok:
			c.add(at, "roles %q and %q would both be Role%s in Go; rename one", other, r.Name, constant)
		default:
			constants[constant] = r.Name
		}
	}
}

// permissions checks the permissions of one role. The path is that of the
// list; a flag has none for its parts.
func (c *checker) permissions(list string, r Role) {
	seen := make(map[string]bool)
	for i, p := range r.Permissions {
		at := list
		if list != "permissions" {
			at = fmt.Sprintf("%s[%d]", list, i)
		}
		switch {
		case !permissionPattern.MatchString(p):
			c.add(at, "%q: a permission is lower-case words with a colon between them, such as posts:write", p)
		case len(p) > maxPermission:
			c.add(at, "%q: a permission has at most %d characters", p, maxPermission)
		case seen[p]:
			c.add(at, "role %q has permission %q twice", r.Name, p)
		}
		seen[p] = true
	}
}

func (c *checker) defaultRole(a Answers) {
	if len(a.Roles) == 0 {
		return // a problem already
	}
	i := slices.IndexFunc(a.Roles, func(r Role) bool { return r.Name == a.DefaultRole })
	switch {
	case i < 0:
		if rolePattern.MatchString(a.DefaultRole) {
			c.add("default_role", "there is no role %q%s; the roles are %s", a.DefaultRole, DidYouMean(a.DefaultRole, roleNames(a.Roles)), formatRoles(a.Roles))
		}
	case i == 0 && len(a.Roles) > 1:
		c.add("default_role", "%q is the highest role, and every new user would have it; choose a lower one", a.DefaultRole)
	default:
		// A role has the permissions of those below it.
		for _, r := range a.Roles[i:] {
			if slices.Contains(r.Permissions, UsersWrite) {
				c.add("default_role", "role %q has %s, and every new user would have it; choose a role without", a.DefaultRole, UsersWrite)
				return
			}
		}
	}
}

// viewers checks that the roles that may see a field exist.
func (c *checker) viewers(a Answers) {
	if len(a.Profile) > maxFields {
		return
	}
	known := append([]string{Anyone, Self}, roleNames(a.Roles)...)
	for i, f := range a.Profile {
		for j, who := range f.Visible {
			if who != "" && !slices.Contains(known, who) {
				c.add(fmt.Sprintf("profile[%d].visible[%d]", i, j), "field %q: unknown viewer %q%s; choose anyone, or self and roles", f.Name, who, DidYouMean(who, known))
			}
		}
	}
}

// fields checks all of the profile but what viewers does.
func (c *checker) fields(fields []Field) {
	if len(fields) > maxFields {
		c.add("profile", "%d fields are too many; at most %d", len(fields), maxFields)
		return
	}
	for i, f := range fields {
		at := fmt.Sprintf("profile[%d]", i)
		if message := fieldNameProblem(f.Name); message != "" {
			c.add(at+".name", "%s", message)
		} else {
			c.unlike(at+".name", f, fields[:i])
		}
		if !slices.Contains(fieldTypes, f.Type) {
			c.add(at+".type", "field %q: unknown type %q%s; choose %s", f.Name, f.Type, DidYouMean(f.Type, fieldTypes), strings.Join(fieldTypes, " or "))
		}
		c.visible(at+".visible", f)
	}
}

// unlike checks that a field has a name, and names in Go, that none before it has.
func (c *checker) unlike(at string, f Field, before []Field) {
	for _, other := range before {
		switch {
		case other.Name == f.Name:
			c.add(at, "field %q appears twice", f.Name)
			return
		case GoName(other.Name) == GoName(f.Name):
			c.add(at, "fields %q and %q would both be %s in Go; rename one", other.Name, f.Name, GoName(f.Name))
			return
		case other.Member() == f.Member():
			c.add(at, "fields %q and %q would both be %s in Go; rename one", other.Name, f.Name, f.Member())
			return
		}
	}
}

func fieldNameProblem(name string) string {
	if message := wordProblem("a field name", name, fieldPattern, maxField); message != "" {
		return message
	}
	if slices.Contains(sqlWords, name) {
		return fmt.Sprintf("%q: a field becomes a column, and this is a reserved word of SQL; choose another name, such as %q", name, "user_"+name)
	}
	for _, reserved := range reservedFields {
		if name == reserved || GoName(name) == GoName(reserved) {
			return fmt.Sprintf("%q: users or requests already have %q; choose another name", name, reserved)
		}
	}
	return ""
}

func (c *checker) visible(at string, f Field) {
	if len(f.Visible) == 0 {
		c.add(at, "field %q: say who may see it: anyone, or self and roles", f.Name)
		return
	}
	seen := make(map[string]bool)
	for j, who := range f.Visible {
		switch {
		case who == "":
			c.add(fmt.Sprintf("%s[%d]", at, j), "field %q: empty name among those who may see it; choose anyone, or self and roles", f.Name)
		case seen[who]:
			c.add(fmt.Sprintf("%s[%d]", at, j), "field %q: %q appears twice", f.Name, who)
		case who == Anyone && len(f.Visible) > 1:
			c.add(fmt.Sprintf("%s[%d]", at, j), "field %q: anyone stands alone, since it includes the others", f.Name)
		}
		seen[who] = true
	}
}
