package answers

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Users says which table has the users. The zero Users is a table of the package's own.
type Users struct {
	Table string // of the application, which may be in a schema, as in public.users

	// Columns are the columns of the table that the package uses, by the names of
	// UserColumns and of the fields of the profile. What is not in the table is in a table
	// of the package's own.
	Columns map[string]UserColumn
}

// Adopted reports whether the application had the table before the package.
func (u Users) Adopted() bool { return u.Table != "" }

// Has reports whether the table has what the name stands for.
func (u Users) Has(name string) bool { return u.Columns[name].Name != "" }

// A UserColumn is a column of a table of users that the application has.
type UserColumn struct {
	Name string
	// Form is how the value is stored: for id, the type in SQL; for role, the value of
	// each role, or nothing if it is the name; otherwise one of the forms of the entry in
	// UserColumns, or nothing for the first.
	Form string
}

// The forms of columns that say whether something is so.
const (
	FormBool    = "bool"     // true if it is so
	FormTime    = "time"     // not NULL if it is so
	FormNot     = "not"      // true if it is not so
	FormNotTime = "not time" // not NULL if it is not so
)

// The forms of the column with the address.
const (
	FormLower  = "lower"  // compared in lower case, by an index that the package adds
	FormNoCase = "nocase" // compared without case by the column's own type or collation
)

// A UserColumnKind is something that the package keeps of a user, and that a table of the
// application may have.
type UserColumnKind struct {
	Name     string
	Help     string
	Forms    []string // how the column says whether something is so; the first is meant if none is given
	Compared []string // how texts of the column are compared
	Needed   bool     // whether the table must have it
}

// UserColumns are in the order in which they are written.
var UserColumns = []UserColumnKind{
	{Name: "id", Help: "primary key, with its type, such as id:bigint, id:uuid or id:varchar(26)", Needed: true},
	{Name: "email", Help: "address that people log in with; with :nocase, the column itself is compared without case", Compared: []string{FormLower, FormNoCase}, Needed: true},
	{Name: "password", Help: "hash of the password"},
	{Name: "verified", Help: "whether the address is verified", Forms: []string{FormBool, FormTime, FormNot, FormNotTime}},
	{Name: "disabled", Help: "whether the user cannot log in; with :not, whether they can", Forms: []string{FormBool, FormTime, FormNot, FormNotTime}},
	{Name: "deleted", Help: "whether the row no longer counts", Forms: []string{FormTime, FormBool}},
	{Name: "role", Help: "role, with the value of each role unless it is the name, such as is_admin:admin=true+member=false"},
	{Name: "created", Help: "when the user signed up"},
	{Name: "updated", Help: "when the row changed last"},
}

func userColumnNames() []string {
	names := make([]string, len(UserColumns))
	for i, c := range UserColumns {
		names[i] = c.Name
	}
	return names
}

// formOf returns the form of a column.
func (u Users) formOf(name string) string {
	c := u.Columns[name]
	if i := slices.IndexFunc(UserColumns, func(k UserColumnKind) bool { return k.Name == name }); c.Form == "" && i >= 0 && UserColumns[i].Forms != nil {
		return UserColumns[i].Forms[0]
	}
	return c.Form
}

// An IDKind is what the ids of users are in Go.
type IDKind string

const (
	UUIDs    IDKind = "uuid"
	Integers IDKind = "int"
	Texts    IDKind = "text"
)

// idKinds are the kinds by the type in SQL, without its length.
var idKinds = map[string]IDKind{
	"uuid": UUIDs, "binary": UUIDs,
	"bigint": Integers, "int": Integers, "integer": Integers, "mediumint": Integers, "smallint": Integers,
	"int2": Integers, "int4": Integers, "int8": Integers,
	"bigint unsigned": Integers, "int unsigned": Integers, "integer unsigned": Integers,
	"text": Texts, "varchar": Texts, "char": Texts, "character varying": Texts, "character": Texts, "citext": Texts,
}

var sqlTypePattern = regexp.MustCompile(`^([a-z][a-z0-9]*(?: [a-z]+)*)(\([0-9]+\))?((?: [a-z0-9_]+)*)$`)

// bytesType is the type of UUIDs that are stored as bytes.
const bytesType = "binary(16)"

// LowersEmail reports whether addresses are compared in lower case by an index that the
// package adds to the table of the application.
func (a Answers) LowersEmail() bool {
	switch a.Users.Columns["email"].Form {
	case FormLower:
		return true
	case FormNoCase:
		return false
	}
	return a.Users.Adopted() && !DatabaseNamed(a.Database).Types.FoldsCase
}

// IDType is the type of the ids in SQL, empty for those of the package's own table.
func (u Users) IDType() string { return u.Columns["id"].Form }

// IDKind returns what the ids are in Go.
func (u Users) IDKind() IDKind {
	kind, _ := idKindOf(u.IDType())
	return kind
}

// idKindOf returns what ids of a type in SQL are in Go, false if they cannot be.
func idKindOf(sqlType string) (IDKind, bool) {
	if sqlType == "" {
		return UUIDs, true
	}
	m := sqlTypePattern.FindStringSubmatch(sqlType)
	if m == nil {
		return "", false
	}
	kind, ok := idKinds[m[1]]
	if base, _, cut := strings.Cut(m[1], " "); !ok && cut {
		// What follows may be a character set or a collation.
		kind, ok = idKinds[base]
	}
	return kind, ok && (m[1] != "binary" || m[2] == "(16)")
}

// A RoleValue is what a column has for a role.
type RoleValue struct {
	Role  string
	Value string // a number, true, false, or a text
}

// RoleValues returns what the column of the role has for each role, nil if that is the name
// or there is no such column.
func (u Users) RoleValues() []RoleValue {
	var values []RoleValue
	for piece := range strings.SplitSeq(u.Columns["role"].Form, "+") {
		if role, value, ok := strings.Cut(piece, "="); ok {
			values = append(values, RoleValue{role, value})
		}
	}
	return values
}

// RoleValueType returns the type in Go of what the column of the role has: "bool", "int64" or
// "string".
func (u Users) RoleValueType() string {
	values := u.RoleValues()
	all := func(is func(string) bool) bool {
		return !slices.ContainsFunc(values, func(v RoleValue) bool { return !is(v.Value) })
	}
	switch {
	case values == nil:
	case all(func(s string) bool { return s == "true" || s == "false" }):
		return "bool"
	case all(func(s string) bool { _, err := strconv.ParseInt(s, 10, 64); return err == nil }):
		return "int64"
	}
	return "string"
}

// IsAdopted reports whether the table of the application has the field.
func (a Answers) IsAdopted(f Field) bool { return a.Users.Has(f.Name) }

// Truth reports whether the column of a name has a time, and whether it says the opposite.
func (u Users) Truth(name string) (isTime, inverted bool) {
	form := u.formOf(name)
	return form == FormTime || form == FormNotTime, form == FormNot || form == FormNotTime
}

// ownUsers is the answer for a table of the package's own.
const ownUsers = "own"

// usersMapping is the kind of the answer that is the table of users.
type usersMapping struct{}

func (usersMapping) get(a Answers) string {
	if !a.Users.Adopted() {
		return ownUsers
	}
	pieces := []string{"table=" + a.Users.Table}
	for _, name := range a.Users.names() {
		pieces = append(pieces, name+"="+a.Users.Columns[name].String())
	}
	return strings.Join(pieces, ",")
}

// String returns the form that a flag takes.
func (c UserColumn) String() string {
	if c.Form == "" {
		return c.Name
	}
	return c.Name + ":" + c.Form
}

// names returns the names of the columns: those of UserColumns in their order, then others.
func (u Users) names() []string {
	known := userColumnNames()
	names := slices.DeleteFunc(slices.Clone(known), func(name string) bool { return !u.Has(name) })
	for _, name := range slices.Sorted(maps.Keys(u.Columns)) {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}

const usersExample = "table=users,id=id:bigint,email=email,password=password_hash"

func (usersMapping) set(a *Answers, k Key, text string) error {
	users, err := parseUsers(k.Name, text)
	if err == nil {
		a.Users = users
	}
	return err
}

// parseUsers reads a table with its columns, "table=users,id=id:bigint,email=email".
func parseUsers(key, text string) (Users, error) {
	if text == ownUsers || text == "" {
		return Users{}, nil
	}
	var c checker
	u := Users{Columns: make(map[string]UserColumn)}
	for _, piece := range c.split(key, text) {
		name, value, ok := strings.Cut(piece, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok || value == "":
			c.add(key, "%q: want a name, = and a column, as in %s; %q is for a table of the package's own", piece, usersExample, ownUsers)
		case name == "table" && u.Table != "", u.Has(name):
			c.add(key, "%q is given twice", name)
		case name == "table":
			u.Table = value
		default:
			u.Columns[name] = parseUserColumn(value)
		}
	}
	if u.Table == "" && c.problems == nil {
		c.add(key, "no table is given; write %s, or %q for a table of the package's own", usersExample, ownUsers)
	}
	return u, c.err()
}

func parseUserColumn(text string) UserColumn {
	name, form, _ := strings.Cut(text, ":")
	return UserColumn{strings.TrimSpace(name), strings.TrimSpace(form)}
}

func (usersMapping) check(c *checker, k Key, a Answers) { c.users(k.Name, a) }

// users adds what is wrong with the table of users.
func (c *checker) users(key string, a Answers) {
	u := a.Users
	if !u.Adopted() {
		return
	}
	if !tablePattern.MatchString(u.Table) {
		c.add(key+".table", "%q: want the name of a table, which may have that of a schema and a dot before it", u.Table)
	}
	for _, k := range UserColumns {
		if k.Needed && !u.Has(k.Name) {
			c.add(key, "no column is given for %s, the %s", k.Name, k.Help)
		}
	}
	before := make(map[string]string)
	for _, name := range u.names() {
		column, path := u.Columns[name], key+"."+name
		i := slices.IndexFunc(UserColumns, func(k UserColumnKind) bool { return k.Name == name })
		switch {
		case i < 0 && !slices.Contains(fieldNames(a.Profile), name):
			known := append(append([]string{"table"}, userColumnNames()...), fieldNames(a.Profile)...)
			c.add(path, "there is no %q%s; a table has %s and the fields of the profile", name, DidYouMean(name, known), strings.Join(append([]string{"table"}, userColumnNames()...), ", "))
			continue
		case i < 0 && column.Form != "":
			c.add(path, "%q: a field of the profile has only a column; its type is in the profile", column)
		case !columnPattern.MatchString(column.Name):
			c.add(path, "%q: want the name of a column", column.Name)
		case before[column.Name] != "":
			c.add(path, "the column %s is used for %s already", column.Name, before[column.Name])
		}
		before[column.Name] = name
		if i >= 0 {
			c.userForm(path, UserColumns[i], column, a)
		}
	}
}

var (
	tablePattern  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]{0,63}(\.[A-Za-z_][A-Za-z0-9_$]{0,63})?$`)
	columnPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]{0,63}$`)
)

// userForm adds what is wrong with the form of a column.
func (c *checker) userForm(path string, k UserColumnKind, column UserColumn, a Answers) {
	switch {
	case k.Name == "id" && column.Form == "":
		c.add(path, "give the type of the column, as in %s:bigint, %[1]s:uuid or %[1]s:varchar(26)", column.Name)
	case k.Name == "id":
		db := DatabaseNamed(a.Database)
		kind, ok := idKindOf(column.Form)
		switch inBytes := db.IDType == strings.ToUpper(bytesType); {
		case !ok:
			c.add(path, "the type %q cannot be that of ids; it is a UUID, a whole number or a text, such as uuid, bigint or varchar(26), in lower case", column.Form)
		case kind == UUIDs && inBytes != (column.Form == bytesType):
			c.add(path, "%s does not have the type %s for UUIDs; give that of the column, such as %s", db.Title, column.Form, map[bool]string{true: bytesType + " or char(36)", false: "uuid"}[inBytes])
		}
	case k.Name == "email" && column.Form == FormLower && DatabaseNamed(a.Database).Types.FoldsCase:
		c.add(path, "%s compares texts without case already; write %s:%s", DatabaseNamed(a.Database).Title, column.Name, FormNoCase)
	case k.Name == "role":
		c.roleValues(path, column, a)
	case column.Form != "" && !slices.Contains(slices.Concat(k.Forms, k.Compared), column.Form):
		forms := slices.Concat(k.Forms, k.Compared)
		if forms == nil {
			c.add(path, "%q: want only a column", column)
			return
		}
		c.add(path, "unknown form %q%s; write %s:%s", column.Form, DidYouMean(column.Form, forms), column.Name, either(forms))
	}
}

// roleValues adds what is wrong with the values of the roles.
func (c *checker) roleValues(path string, column UserColumn, a Answers) {
	if column.Form == "" || len(a.Roles) == 0 {
		return
	}
	const example = "is_admin:admin=true+member=false"
	roles, values := make(map[string]bool), make(map[string]string)
	for piece := range strings.SplitSeq(column.Form, "+") {
		role, value, ok := strings.Cut(piece, "=")
		switch known := roleNames(a.Roles); {
		case !ok || value == "":
			c.add(path, "%q: want a role, = and its value, as in %s", piece, example)
			return
		case !slices.Contains(known, role):
			c.add(path, "there is no role %q%s; the roles are %s", role, DidYouMean(role, known), formatRoles(a.Roles))
		case roles[role]:
			c.add(path, "role %q has two values", role)
		case values[value] != "":
			c.add(path, "the roles %q and %q have the same value %s", values[value], role, value)
		case !roleValuePattern.MatchString(value):
			c.add(path, "%q: a value is a number, true, false, or a text of letters, digits and ._-", value)
		}
		roles[role], values[value] = true, role
	}
	for _, r := range a.Roles {
		if !roles[r.Name] {
			c.add(path, "role %q has no value; add it, as in %s, or remove the role", r.Name, example)
		}
	}
}

var roleValuePattern = regexp.MustCompile(`^-?[A-Za-z0-9_.-]{1,64}$`)

func (usersMapping) decode(d *decoder, k Key, node ast.Node, a *Answers) {
	if _, isText := node.(*ast.StringNode); isText {
		if s := d.text(k.Name, node); s != ownUsers {
			d.fail(d.positions[k.Name], k.Name, "want %s, or table: with its columns; this is %q", ownUsers, s)
		}
		return
	}
	known := append([]string{"table"}, userColumnNames()...)
	for name := range membersOf(node) {
		if fieldPattern.MatchString(name) && !slices.Contains(known, name) {
			known = append(known, name) // a field of the profile, or an error of check
		}
	}
	u := Users{Columns: make(map[string]UserColumn)}
	ok := d.mapping(node, k.Name, "users are a table with its columns, such as table: users", known, func(name string, value ast.Node) {
		text := d.text(k.Name+"."+name, value)
		if name == "table" {
			u.Table = text
			return
		}
		u.Columns[name] = parseUserColumn(text)
	})
	if ok && u.Table == "" {
		d.fail(d.positions[k.Name], k.Name+".table", "the table is missing")
	}
	a.Users = u
}

// membersOf iterates over the names of the members of a mapping.
func membersOf(node ast.Node) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, p := range pairsOf(node) {
			if !yield(keyText(p.Key)) {
				return
			}
		}
	}
}

func (usersMapping) value(a Answers) yamlValue {
	if !a.Users.Adopted() {
		return textValue(ownUsers)
	}
	v := yamlValue{members: []yamlPair{{name: "table", value: textValue(a.Users.Table)}}}
	for _, name := range a.Users.names() {
		v.members = append(v.members, yamlPair{name: name, value: textValue(a.Users.Columns[name].String())})
	}
	return v
}

func (usersMapping) schema(Key, Answers) object {
	properties := object{{"table", patternForm(tablePattern)}}
	required := []string{"table"}
	for _, c := range UserColumns {
		properties = append(properties, member{c.Name, object{{"description", c.Help}, {"type", "string"}}})
		if c.Needed {
			required = append(required, c.Name)
		}
	}
	return object{{"oneOf", []object{
		{{"const", ownUsers}, {"description", "a table of the package's own"}},
		{
			{"type", "object"},
			{"required", required},
			{"properties", properties},
			{"additionalProperties", object{{"description", "column of a field of the profile"}, {"type", "string"}}},
		},
	}}, {"default", ownUsers}}
}

// quoted returns a name as statements have it: in quotes if it is a word of SQL or has
// capitals.
func quoted(name, quote string) string {
	if name == strings.ToLower(name) && !slices.Contains(sqlWords, name) && !strings.Contains(name, "$") {
		return name
	}
	return quote + name + quote
}

// QuotedTable returns the name of the table of the application as statements have it.
func (a Answers) QuotedTable() string {
	parts := strings.Split(a.Users.Table, ".")
	for i, part := range parts {
		parts[i] = quoted(part, DatabaseNamed(a.Database).Quote)
	}
	return strings.Join(parts, ".")
}

// QuotedColumn returns a column of that table as statements have it.
func (a Answers) QuotedColumn(name string) string {
	return quoted(a.Users.Columns[name].Name, DatabaseNamed(a.Database).Quote)
}
