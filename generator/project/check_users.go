package project

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// CheckUsers returns what is wrong with the answer "users" for the application whose source
// this is: what the table does not have, what has another type, and what nobody would fill at
// sign-up. It returns nothing if the source does not show the table.
func (p *Project) CheckUsers(a answers.Answers) answers.Problems {
	if !a.Users.Adopted() || p.source == nil {
		return nil
	}
	c := usersCheck{answers: a, database: answers.DatabaseNamed(a.Database)}
	name, inUsual := a.Users.Table, true
	if schema, table, ok := strings.Cut(name, "."); ok {
		name, inUsual = table, slices.Contains(usualSchemas, schema)
	}
	tables := p.tables(a.Database)
	i := slices.IndexFunc(tables, func(t UsersTable) bool { return c.same(t.Name, name) })
	switch {
	case !inUsual: // the source does not tell such tables from others
	case i >= 0:
		c.table = tables[i]
		c.all()
	default:
		var known []string
		for _, t := range tables {
			known = append(known, t.Name)
		}
		if meant := answers.DidYouMean(name, known); meant != "" {
			c.add("table", "the source has no table %q%s", name, meant)
		}
	}
	return c.problems
}

// usersCheck collects what is wrong with the answer "users".
type usersCheck struct {
	answers  answers.Answers
	database answers.Database
	table    UsersTable
	problems answers.Problems
}

func (c *usersCheck) add(name, format string, args ...any) {
	path := "users"
	if name != "" {
		path += "." + name
	}
	c.problems = append(c.problems, answers.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// same reports whether two names are the same in the database.
func (c *usersCheck) same(a, b string) bool {
	return a == b || !c.database.Types.LowersNames && strings.EqualFold(a, b)
}

// column returns the column of a name.
func (c *usersCheck) column(name string) (Column, bool) {
	i := slices.IndexFunc(c.table.Columns, func(column Column) bool { return c.same(column.Name, name) })
	if i < 0 {
		return Column{}, false
	}
	return c.table.Columns[i], true
}

// all checks all columns.
func (c *usersCheck) all() {
	filled := make(map[string]bool) // columns that the package fills at sign-up
	for _, name := range c.names() {
		given := c.answers.Users.Columns[name]
		column, ok := c.column(given.Name)
		if !ok {
			if !c.table.partial {
				var known []string
				for _, column := range c.table.Columns {
					known = append(known, column.Name)
				}
				c.add(name, "the table %s at %s has no column %q%s", c.table.Name, c.table.Pos, given.Name, answers.DidYouMean(given.Name, known))
			}
			continue
		}
		filled[column.Name] = name != "deleted"
		c.fits(name, given, column)
	}
	if c.answers.Creating() != "" {
		for _, column := range c.table.Columns {
			c.filled(column, filled[column.Name])
		}
	}
}

// names returns the names of the columns in the answer, in the order in which it is written.
func (c *usersCheck) names() []string {
	var names []string
	for _, k := range answers.UserColumns {
		names = append(names, k.Name)
	}
	for _, f := range c.answers.Profile {
		names = append(names, f.Name)
	}
	return slices.DeleteFunc(names, func(name string) bool { return !c.answers.Users.Has(name) })
}

// fits checks a column that the answer has.
func (c *usersCheck) fits(name string, given answers.UserColumn, column Column) {
	unfit := func(use string) {
		c.add(name, "the column %s at %s has the type %s, which %s cannot have", column.Name, column.Pos, column.Type, use)
	}
	i := slices.IndexFunc(c.answers.Profile, func(f answers.Field) bool { return f.Name == name })
	k := slices.IndexFunc(answers.UserColumns, func(k answers.UserColumnKind) bool { return k.Name == name })
	switch {
	case name == "id":
		c.id(given, column)
	case column.class() == "" && column.Type == "":
	case k < 0:
		if f := c.answers.Profile[i]; !column.holds(f, c.database) {
			unfit(fmt.Sprintf("a field of the type %s", f.Type))
		}
	case column.class() == "": // a type of the application's own
	case name == "role":
		c.role(given, column)
	case answers.UserColumns[k].Forms != nil:
		c.form(name, given, column)
	default:
		if _, ok := column.form(answers.UserColumns[k], c.database); !ok {
			unfit(name)
		}
		if size := column.size(); name == "password" && size > 0 && size < hashSize && !c.database.Types.Loose {
			c.add(name, "the column %s at %s has room for %d characters, and the hashes that the package writes have %d; make it longer with a migration",
				column.Name, column.Pos, size, hashSize)
		}
	}
}

// hashSize is the length of the hash of a password as the package writes it: argon2id with the
// usual costs, a salt of 16 bytes and a key of 32.
const hashSize = 97

var sizePattern = regexp.MustCompile(`\(([0-9]+)\)`)

// size returns the size in the type of a column, 0 if there is none.
func (c Column) size() int {
	if m := sizePattern.FindStringSubmatch(c.Type); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// id checks the column that is to be the primary key.
func (c *usersCheck) id(given answers.UserColumn, column Column) {
	var keys []Column
	for _, column := range c.table.Columns {
		if column.Key {
			keys = append(keys, column)
		}
	}
	idType := column.idType(c.database)
	switch {
	case len(keys) > 1:
		c.add("id", "the primary key of the table %s has several columns, %s, and that of users can have only one", c.table.Name, namesOf(keys))
	case len(keys) == 1 && keys[0].Name != column.Name:
		c.add("id", "the primary key of the table %s is %s at %s, and not %s", c.table.Name, keys[0].Name, keys[0].Pos, column.Name)
	case column.Type == "" || given.Form == "" || oneName(given.Form) == oneName(column.Type) || oneName(given.Form) == oneName(idType):
	case idType == "":
		c.add("id", "the column %s at %s has the type %s, and ids are UUIDs, whole numbers or texts", column.Name, column.Pos, column.Type)
	default:
		c.add("id", "the column %s at %s has another type; write %s", column.Name, column.Pos, answers.UserColumn{Name: given.Name, Form: idType})
	}
}

// idNames are types of ids that have two names.
var idNames = map[string]string{"int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "int unsigned": "integer unsigned"}

// oneName returns one of the names of a type.
func oneName(sqlType string) string {
	sqlType = plainType(sqlType)
	if name, ok := idNames[sqlType]; ok {
		return name
	}
	return sqlType
}

// form checks a column that says whether something is so.
func (c *usersCheck) form(name string, given answers.UserColumn, column Column) {
	givenTime, _ := c.answers.Users.Truth(name)
	is := column.class()
	isTime := is == times || is == texts && c.database.Types.Loose
	isTruth := is == truths || is == numbers && c.database.Types.Numbers
	form := answers.FormBool
	switch {
	case givenTime && isTime, !givenTime && isTruth:
		return
	case isTime:
		form = answers.FormTime
	case !isTruth:
		c.add(name, "the column %s at %s has the type %s, which is neither a time nor true or false", column.Name, column.Pos, column.Type)
		return
	}
	if _, inverted := c.answers.Users.Truth(name); inverted {
		form = opposite[form]
	}
	c.add(name, "the column %s at %s has the type %s; write %s", column.Name, column.Pos, column.Type, answers.UserColumn{Name: given.Name, Form: form})
}

// role checks the column of the role and its values.
func (c *usersCheck) role(given answers.UserColumn, column Column) {
	values := c.answers.Users.RoleValues()
	if values == nil {
		for _, r := range c.answers.Roles {
			values = append(values, answers.RoleValue{Role: r.Name, Value: r.Name})
		}
	}
	wanted := texts
	if given.Form != "" {
		wanted = map[string]class{"bool": truths, "int64": numbers, "string": texts}[c.answers.Users.RoleValueType()]
	}
	is := column.class()
	if is != wanted && !(is == numbers && wanted == truths && c.database.Types.Numbers) {
		c.add("role", "the column %s at %s has the type %s, which cannot have the values %s; write the value of each role, as in %s", column.Name, column.Pos,
			column.Type, valuesText(values), answers.UserColumn{Name: given.Name, Form: c.exampleRoles(is)})
		return
	}
	for _, v := range values {
		if column.values != nil && !slices.Contains(column.values, v.Value) {
			c.add("role", "the column %s at %s cannot have the value %s%s of the role %s; its values are %s", column.Name, column.Pos,
				v.Value, answers.DidYouMean(v.Value, column.values), v.Role, strings.Join(column.values, ", "))
		}
	}
}

// exampleRoles returns values of the roles that a column of a class can have.
func (c *usersCheck) exampleRoles(is class) string {
	var pieces []string
	for i, r := range c.answers.Roles {
		value := r.Name
		switch is {
		case truths:
			value = strconv.FormatBool(i == 0)
		case numbers:
			value = strconv.Itoa(len(c.answers.Roles) - i)
		}
		pieces = append(pieces, r.Name+"="+value)
	}
	return strings.Join(pieces, "+")
}

func valuesText(values []answers.RoleValue) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v.Value
	}
	return strings.Join(list, ", ")
}

// filled checks that a new user can have a row: that somebody fills the column.
func (c *usersCheck) filled(column Column, byPackage bool) {
	if column.Null || column.Filled {
		return
	}
	or := fmt.Sprintf("give it a default, or switch %s off", c.answers.Creating())
	switch id := c.answers.Users.Columns["id"]; {
	case c.same(column.Name, id.Name):
		if c.answers.Users.IDKind() == answers.Integers {
			c.add("id", "the column %s at %s is a number that the database does not count up, and sign-up does not choose one; %s", column.Name, column.Pos, or)
		}
		return
	case byPackage:
		return
	}
	field := answers.Field{Name: strings.ToLower(column.Name), Visible: []string{answers.Self}}
	for _, t := range answers.FieldTypes {
		field.Type = t.Name
		if column.holds(field, c.database) {
			break
		}
		field.Type = ""
	}
	what := ""
	of := c.table.use(column)
	if _, mapped := c.column(c.answers.Users.Columns[of].Name); of != "" && !mapped {
		what = fmt.Sprintf("write %s=%s here, ", of, column.Name)
	} else if field.Type != "" && !column.refers {
		var valid answers.Answers
		example := answers.Answers{Profile: []answers.Field{field}}.Get("profile")
		if valid.Set("profile", example) != nil { // the package has a field of that name
			field.Name = "user_" + field.Name
			example = answers.Answers{Profile: []answers.Field{field}}.Get("profile")
		}
		what = fmt.Sprintf("add a field of the profile for it, such as %s, and %s=%s here, ", example, field.Name, column.Name)
	}
	c.add("", "the column %s at %s must not be NULL, and sign-up does not fill it; %s%s", column.Name, column.Pos, what, or)
}
