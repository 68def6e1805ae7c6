package answers

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// checker collects problems.
type checker struct{ problems Problems }

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
	for _, k := range Keys {
		if s := a.text(k.Name); s != nil {
			if message := textProblem(k.Name, *s); message != "" {
				if k.Name == "package_name" && *s == "" && packageNameOf(a.Package) == "" {
					message = fmt.Sprintf("give one: the directory %q is not a Go package name", path.Base(a.Package))
				}
				c.add(k.Name, "%s", message)
			}
		}
		switch k.Name {
		case "driver":
			c.driver(a)
		case "store":
			c.store(a)
		case "bridge":
			c.bridge(a)
		case "migrations":
			c.migrations(a)
		case "migrations_dir":
			c.migrationsDir(a)
		case "roles":
			c.roles(a.Roles)
		case "default_role":
			c.defaultRole(a)
		case "profile":
			c.profile(a)
		case "public":
			c.paths(k.Name, a.Public)
			c.outside(k.Name, a.Public, a.Prefix)
		case "protected":
			c.paths(k.Name, a.Protected)
			c.outside(k.Name, a.Protected, a.Prefix)
			c.disjoint(a)
		case "features":
			c.manageUsers(a)
		}
	}
	return c.err()
}

// textProblem returns what is wrong with a single text as the answer to the
// question with that key, seen alone, or nothing.
func textProblem(key, text string) string {
	switch key {
	case "package":
		return packageProblem(text)
	case "package_name":
		return packageNameProblem(text)
	case "name":
		switch {
		case text == "":
			return ""
		case text == "sqlite" || strings.HasPrefix(text, "sqlite_"):
			return fmt.Sprintf("%q: SQLite keeps tables whose names begin with sqlite_ to itself; choose another prefix, such as \"app\"", text)
		}
		return wordProblem("the name", text, namePattern, maxName)
	case "prefix":
		if text == "/" {
			return `"/" leaves no paths for the rest of the program; choose one such as "/auth"`
		}
		return pathProblem(text)
	case "default_role":
		return wordProblem("a role name", text, rolePattern, maxRole)
	case "migrations_dir":
		return migrationsDirProblem(text)
	case "migrations_version":
		if !versionPattern.MatchString(text) || len(text) > 14 {
			return fmt.Sprintf("%q: want a number above 0, of at most 14 digits, such as 7, 0007 or 20260101000000", text)
		}
		return ""
	}
	return choiceProblem(key, text)
}

// planned holds the values that are known but not there yet, so that choosing
// one is answered with more than that it is unknown.
var planned = map[string][]string{
	"interface": {"html", "both"},
}

func choiceProblem(key, value string) string {
	var allowed []string
	for _, v := range KeyNamed(key).Values {
		allowed = append(allowed, v.Name)
	}
	switch {
	case slices.Contains(allowed, value):
		return ""
	case slices.Contains(planned[key], value):
		return fmt.Sprintf("%q is not supported yet; choose %s", value, either(allowed))
	}
	return fmt.Sprintf("unknown value %q%s; choose %s", value, DidYouMean(value, allowed), either(allowed))
}

// either joins what there is to choose from.
func either(names []string) string {
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " or " + names[last]
	}
	return strings.Join(names, "")
}

// driver checks that the driver is one for the database.
func (c *checker) driver(a Answers) {
	if textProblem("driver", a.Driver) != "" || textProblem("database", a.Database) != "" {
		return // a problem already
	}
	if fit := drivers[a.Database]; !slices.Contains(fit, a.Driver) {
		c.add("driver", "%s is not a driver for %s; choose %s", a.Driver, a.Database, either(fit))
	}
}

func (c *checker) store(a Answers) {
	if a.Store == "redis" && a.Session == "stateless" {
		c.add("store", "stateless sessions are not stored, so there is nothing to store in Redis; choose database, or session database")
	}
}

// bridge checks that the sessions to take over are of the other style, and that the
// database has both.
func (c *checker) bridge(a Answers) {
	if a.Bridge == "none" || textProblem("bridge", a.Bridge) != "" || textProblem("session", a.Session) != "" {
		return
	}
	switch {
	case a.Bridge == a.Session:
		c.add("bridge", "the session style is %s already; name the former one, or none", a.Session)
	case a.Store == "redis":
		c.add("bridge", "other sessions cannot be converted to sessions in Redis; choose none, or store database")
	}
}

func (c *checker) migrations(a Answers) {
	if a.Migrations == "tern" && a.Database != "postgres" && textProblem("database", a.Database) == "" {
		c.add("migrations", "tern is only for postgres, and the database is %s; choose another tool", a.Database)
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

func (c *checker) profile(a Answers) {
	c.fields(a.Profile)
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

// fields checks all of the profile but that the roles exist.
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

func (c *checker) paths(key string, paths []string) {
	seen := make(map[string]bool)
	for i, p := range paths {
		at := fmt.Sprintf("%s[%d]", key, i)
		if message := pathProblem(p); message != "" {
			c.add(at, "%s", message)
		} else if seen[p] {
			c.add(at, "%q appears twice", p)
		}
		seen[p] = true
	}
}

// outside checks that paths are not below the prefix.
func (c *checker) outside(key string, paths []string, prefix string) {
	if textProblem("prefix", prefix) != "" {
		return // one problem, not one a path
	}
	for i, p := range paths {
		if p == prefix || strings.HasPrefix(p, prefix+"/") {
			c.add(fmt.Sprintf("%s[%d]", key, i), "%q is below the prefix %q, whose routes have guards of their own; the gate is for the other pages", p, prefix)
		}
	}
}

func (c *checker) disjoint(a Answers) {
	public := make(map[string]bool)
	for _, p := range a.Public {
		public[p] = true
	}
	for i, p := range a.Protected {
		if public[p] {
			c.add(fmt.Sprintf("protected[%d]", i), "%q is public too; remove it from one of the two", p)
		}
	}
}

// manageUsers checks that the routes that manage users can be guarded: their
// guards name the two permissions, so some role must have them.
func (c *checker) manageUsers(a Answers) {
	if !a.Features.ManageUsers || len(a.Roles) == 0 {
		return
	}
	var missing []string
	for _, p := range []string{UsersRead, UsersWrite} {
		if !slices.ContainsFunc(a.Roles, func(r Role) bool { return slices.Contains(r.Permissions, p) }) {
			missing = append(missing, p)
		}
	}
	if missing != nil {
		c.add("features.manage_users", "manage_users is on, but no role has %s; give it to a role that new users do not get, or switch manage_users off", strings.Join(missing, " and "))
	}
}
