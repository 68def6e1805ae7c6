package emit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/authgen/authgen/generator/answers"
)

// A userColumn is what the package keeps of a user, and where: in the table of the
// application, or in that of the package beside it.
type userColumn struct {
	name   string // in the statements of the package
	read   string // the value, where u is the table of the application and a is the other
	adopt  string // column of the application's table; empty if it is in the other
	set    string // what an INSERT or UPDATE sets it to, with a placeholder unless it is constant
	value  *jen.Statement
	column answers.Column // of the other table
}

// userColumnsOf returns what a package with a table of the application keeps of a user,
// without the version of the sessions, which is always in the package's own table.
func userColumnsOf(a answers.Answers) []userColumn {
	db := answers.DatabaseNamed(a.Database)
	field := func(name string) *jen.Statement { return jen.Id("u").Dot(name) }
	id := userColumn{name: "id", adopt: a.QuotedColumn("id"), set: "?", value: field("id")}
	if a.Users.IDKind() == answers.Integers {
		id.set = "" // the database chooses it
	}
	created := userColumn{name: "created_at", set: "?", value: jen.Id("storedTime").Call(field("createdAt")), column: answers.Column{Type: db.TimeType}}
	if a.Users.Has("created") {
		created.adopt = a.QuotedColumn("created")
	} else {
		created.value = jen.Id("dbTime").Call(field("createdAt"))
	}
	text := func(name, key, member string) userColumn {
		c := userColumn{name: name, set: "?", value: field(member), column: db.Columns["string"]}
		if a.Users.Has(key) {
			c.adopt = a.QuotedColumn(key)
		}
		return c
	}
	role := text("role", "role", "role")
	role.column = answers.Column{Type: db.WordType}
	if role.adopt == "" {
		role.read = fmt.Sprintf("COALESCE(a.role, '%s')", a.DefaultRole)
	}
	columns := []userColumn{
		id,
		text("email", "email", "email"),
		truthColumn(a, "email_verified", "verified", field("emailVerified")),
		text("password_hash", "password", "passwordHash"),
		role,
		truthColumn(a, "disabled", "disabled", field("disabled")),
		created,
	}
	for _, p := range a.Profile {
		c := userColumn{name: p.Name, set: "?", value: field("profile").Clone().Dot(p.Member()), column: db.Columns[p.Type]}
		if a.IsAdopted(p) {
			c.adopt = a.QuotedColumn(p.Name)
		}
		columns = append(columns, c)
	}
	for i := range columns {
		c := &columns[i]
		switch {
		case c.read != "":
		case c.adopt != "" && slices.Contains([]string{"id", "email", "role", "created_at"}, c.name):
			c.read = "u." + c.adopt
		case c.adopt != "":
			c.read = fmt.Sprintf("COALESCE(u.%s, %s)", c.adopt, c.column.Default)
		case c.name == "created_at":
			c.read = "a.created_at"
		default:
			c.read = fmt.Sprintf("COALESCE(a.%s, %s)", c.name, c.column.Default)
		}
	}
	return columns
}

// truthColumn returns the column for something that is so or not.
func truthColumn(a answers.Answers, name, key string, value *jen.Statement) userColumn {
	db := answers.DatabaseNamed(a.Database)
	c := userColumn{name: name, set: "?", value: value, column: db.Columns["bool"]}
	if !a.Users.Has(key) {
		return c
	}
	isTime, inverted := a.Users.Truth(key)
	c.adopt = a.QuotedColumn(key)
	switch {
	case isTime && inverted:
		c.read = fmt.Sprintf("u.%s IS NULL", c.adopt)
		c.set = fmt.Sprintf("CASE WHEN ? THEN NULL ELSE %s END", db.Now)
	case isTime:
		c.read = fmt.Sprintf("u.%s IS NOT NULL", c.adopt)
		c.set = fmt.Sprintf("CASE WHEN ? THEN %s END", db.Now)
	case inverted:
		c.read = fmt.Sprintf("NOT COALESCE(u.%s, FALSE)", c.adopt)
		c.set = "NOT ?"
	default:
		c.read = fmt.Sprintf("COALESCE(u.%s, FALSE)", c.adopt)
	}
	return c
}

// touch returns what an UPDATE of the table of the application sets beside other columns.
func touch(a answers.Answers) string {
	if !a.Users.Has("updated") {
		return ""
	}
	return ", " + a.QuotedColumn("updated") + " = " + answers.DatabaseNamed(a.Database).Now
}

// adoptedFields returns the fields that are in the table of users of the application, or
// in the package's own, and those that are in the table beside the former.
func adoptedFields(a answers.Answers, fields []answers.Field) (theirs, added []answers.Field) {
	for _, f := range fields {
		if a.Users.Adopted() && !a.IsAdopted(f) {
			added = append(added, f)
		} else {
			theirs = append(theirs, f)
		}
	}
	return theirs, added
}

// notDeleted returns the condition under which a row of the table counts, beginning with the
// keyword, or nothing if all do. The prefix is that of the column.
func notDeleted(a answers.Answers, keyword, prefix string) string {
	if !a.Users.Has("deleted") {
		return ""
	}
	column := prefix + a.QuotedColumn("deleted")
	if isTime, _ := a.Users.Truth("deleted"); isTime {
		return fmt.Sprintf(" %s %s IS NULL", keyword, column)
	}
	return fmt.Sprintf(" %s NOT COALESCE(%s, FALSE)", keyword, column)
}

// adoptedStatements returns the values of the template that has the statements about a table
// of the application.
func adoptedStatements(a answers.Answers) map[string]string {
	if !a.Users.Adopted() {
		values := map[string]string{
			"count_role":  numberedFor(a, countRole(a)),
			"disable_all": disableAll(a),
		}
		// Directives need the others, though the template is left out.
		for _, name := range []string{
			"users_table", "email_is", "insert_user", "insert_account", "update_password", "update_role", "update_disabled",
			"delete_user", "lock_user", "duplicate_emails", "create_users", "account_id", "account_version", "account_columns",
			"first_id", "account_reference", "account_end", "email_index", "drop_email_index", "set_email", "set_password", "set_role", "set_disabled", "drop_user", "lose_role",
		} {
			values[name] = ""
		}
		return values
	}
	db := answers.DatabaseNamed(a.Database)
	table, accounts, id := a.QuotedTable(), TablePrefix(a)+"accounts", a.QuotedColumn("id")
	joined := fmt.Sprintf("FROM %s u LEFT JOIN %s a ON a.user_id = u.%s", table, accounts, id)

	var selected, columns, sets, accountColumns, accountSets []string
	var definitions strings.Builder
	for _, c := range userColumnsOf(a) {
		selected = append(selected, c.read+" AS "+c.name)
		switch {
		case c.adopt != "" && c.set != "":
			columns, sets = append(columns, c.adopt), append(sets, c.set)
		case c.adopt == "":
			accountColumns, accountSets = append(accountColumns, c.name), append(accountSets, c.set)
			definitions.WriteString(definition(c.name, c.column))
		}
	}
	selected = append(selected, "COALESCE(a.session_version, 0) AS session_version")
	if a.Users.Has("updated") {
		columns, sets = append(columns, a.QuotedColumn("updated")), append(sets, db.Now)
	}
	insert := fmt.Sprintf("INSERT INTO %s (%s)\n\t\tVALUES (%s)", table, strings.Join(columns, ", "), strings.Join(sets, ", "))
	if a.Users.IDKind() == answers.Integers && db.Returning {
		insert += " RETURNING " + id
	}
	accountColumns = append([]string{"user_id", "session_version"}, accountColumns...)
	accountSets = append([]string{"?", "?"}, accountSets...)

	// set returns the UPDATE that sets a column of a user to a value.
	set := func(name, value string) string {
		c := userColumnOf(a, name)
		if c.adopt == "" {
			return fmt.Sprintf("UPDATE %s SET %s = %s WHERE user_id = ?", accounts, c.name, value)
		}
		return fmt.Sprintf("UPDATE %s SET %s = %s%s WHERE %s = ?", table, c.adopt, value, touch(a), id)
	}
	setPassword := set("password_hash", "?")
	setRole := set("role", "?")
	setDisabled := set("disabled", userColumnOf(a, "disabled").set)
	lost := "NULL" // an invalid role
	if !a.Users.Has("role") {
		lost = "'removed'" // since NULL is the role of a new user
	}
	remove := fmt.Sprintf("DELETE FROM %s WHERE %s = ?", table, id)
	if a.Users.Has("deleted") {
		is := "TRUE"
		if isTime, _ := a.Users.Truth("deleted"); isTime {
			is = db.Now
		}
		remove = fmt.Sprintf("UPDATE %s SET %s = %s%s WHERE %s = ?", table, a.QuotedColumn("deleted"), is, touch(a), id)
	}
	emailIs, index, dropIndex := "u.email", "", ""
	email := a.QuotedColumn("email")
	if a.LowersEmail() {
		emailIs = "lower(u.email)"
		name := TablePrefix(a) + "users_email"
		index = fmt.Sprintf("-- No two addresses may differ only in case. This lists those that do:\n"+
			"-- SELECT lower(%[2]s), COUNT(*) FROM %[3]s%[4]s GROUP BY lower(%[2]s) HAVING COUNT(*) > 1;\n"+
			"CREATE UNIQUE INDEX %[1]s ON %[3]s (lower(%[2]s))%[4]s;", name, email, table, notDeleted(a, "WHERE", ""))
		dropIndex = fmt.Sprintf("DROP INDEX %s;", schemaOf(a)+name)
	}
	setEmail := fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ?", table, email, id)
	values := map[string]string{
		"users_table":      "(SELECT\n\t\t" + strings.Join(selected, ",\n\t\t") + "\n\t\t" + joined + strings.Replace(notDeleted(a, "WHERE", "u."), " ", "\n\t\t", 1) + ")",
		"email_is":         emailIs,
		"insert_user":      insert,
		"insert_account":   fmt.Sprintf("INSERT INTO %s (%s)\n\t\tVALUES (%s)", accounts, strings.Join(accountColumns, ", "), strings.Join(accountSets, ", ")),
		"update_password":  setPassword + " AND " + userColumnOf(a, "password_hash").stored() + " = ?",
		"update_role":      setRole,
		"update_disabled":  setDisabled,
		"delete_user":      remove,
		"duplicate_emails": fmt.Sprintf("SELECT lower(%[1]s) FROM %[2]s%[3]s GROUP BY lower(%[1]s) HAVING COUNT(*) > 1 ORDER BY 1 LIMIT 10", email, table, notDeleted(a, "WHERE", "")),
		"lock_user":        lockUser(a),
		"count_role":       countRole(a),
		"disable_all":      disableAll(a),
	}
	for name, text := range values {
		values[name] = numberedFor(a, text)
	}
	values["account_id"] = fmt.Sprintf("    user_id         %s NOT NULL PRIMARY KEY,", idColumn(a))
	values["account_version"] = fmt.Sprintf("    session_version %-7s NOT NULL,", db.Columns["int"].Type)
	values["account_columns"] = strings.TrimSuffix(definitions.String(), "\n")
	values["account_reference"] = fmt.Sprintf("    FOREIGN KEY (user_id) REFERENCES %s (%s) ON DELETE CASCADE", table, id)
	values["account_end"] = ")" + db.TableOptions + ";"
	values["create_users"] = createUsers(a)
	values["first_id"] = strings.NewReplacer("{table}", table, "{name}", a.Users.Table, "{id}", id).Replace(db.FirstID)
	// For tests, which number the placeholders themselves.
	values["set_email"], values["set_password"] = setEmail, setPassword
	values["set_role"], values["set_disabled"] = setRole, setDisabled
	values["lose_role"] = set("role", lost)
	values["drop_user"] = fmt.Sprintf("DELETE FROM %s WHERE %s = ?", table, id)
	values["email_index"], values["drop_email_index"] = index, dropIndex
	return values
}

func userColumnOf(a answers.Answers, name string) userColumn {
	columns := userColumnsOf(a)
	return columns[slices.IndexFunc(columns, func(c userColumn) bool { return c.name == name })]
}

// stored returns the name of the column in its table.
func (c userColumn) stored() string { return cmp.Or(c.adopt, c.name) }

// tableOf returns the table that has a column.
func (c userColumn) tableOf(a answers.Answers) string {
	if c.adopt != "" {
		return a.QuotedTable()
	}
	return TablePrefix(a) + UsersTable(a)
}

// countRole returns the statement that counts the users with a role.
func countRole(a answers.Answers) string {
	c := userColumnOf(a, "role")
	return fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s = ?", c.tableOf(a), c.stored())
}

// disableAll returns the statement that disables all users.
func disableAll(a answers.Answers) string {
	c := userColumnOf(a, "disabled")
	return fmt.Sprintf("UPDATE %s SET %s = %s", c.tableOf(a), c.stored(), strings.ReplaceAll(c.set, "?", "TRUE"))
}

// lockUser returns the statement that makes other writers of a user's rows wait.
func lockUser(a answers.Answers) string {
	db, accounts, id := answers.DatabaseNamed(a.Database), TablePrefix(a)+"accounts", a.QuotedColumn("id")
	counts := notDeleted(a, "AND", "u.")
	if db.LockRows == "" {
		return fmt.Sprintf("UPDATE %s SET session_version = session_version\n\t\tWHERE user_id = (SELECT u.%s FROM %s u WHERE u.%[2]s = ?%[4]s) RETURNING 1", accounts, id, a.QuotedTable(), counts)
	}
	return fmt.Sprintf("SELECT 1 FROM %s u JOIN %s a ON a.user_id = u.%s\n\t\tWHERE u.%[3]s = ?%[4]s%[5]s", a.QuotedTable(), accounts, id, counts, db.LockRows)
}

// idColumn returns the type of a column with the id of a user, in the package's own tables.
func idColumn(a answers.Answers) string {
	db := answers.DatabaseNamed(a.Database)
	if !a.Users.Adopted() {
		return db.IDType
	}
	if db.Strict {
		if a.Users.IDKind() == answers.Integers {
			return "INTEGER"
		}
		return db.IDType
	}
	return strings.ToUpper(a.Users.IDType())
}

// createUsers returns the statement with which tests create the table of the application,
// with the columns that the package uses.
func createUsers(a answers.Answers) string {
	db := answers.DatabaseNamed(a.Database)
	key := idColumn(a) + " NOT NULL PRIMARY KEY"
	if a.Users.IDKind() == answers.Integers {
		key = fmt.Sprintf(db.Serial, idColumn(a))
	}
	lines := []string{a.QuotedColumn("id") + " " + key}
	for _, c := range userColumnsOf(a) {
		typ := c.column.Type
		switch c.name {
		case "id":
			continue
		case "email":
			if typ = db.AddressType; a.LowersEmail() {
				typ = db.WordType + " NOT NULL UNIQUE"
			}
		case "role":
			typ = map[string]string{"bool": "BOOLEAN", "int64": "BIGINT", "string": db.WordType}[a.Users.RoleValueType()]
		case "created_at":
			typ = db.MomentType
		case "email_verified", "disabled":
			typ = truthType(a, map[string]string{"email_verified": "verified", "disabled": "disabled"}[c.name])
		}
		if c.adopt != "" {
			lines = append(lines, c.adopt+" "+typ)
		}
	}
	if a.Users.Has("deleted") {
		lines = append(lines, a.QuotedColumn("deleted")+" "+truthType(a, "deleted"))
	}
	if a.Users.Has("updated") {
		lines = append(lines, a.QuotedColumn("updated")+" "+db.MomentType)
	}
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (\n\t%s\n)", a.QuotedTable(), strings.Join(lines, ",\n\t"))
}

// truthType returns the type of a column that says whether something is so.
func truthType(a answers.Answers, name string) string {
	if isTime, _ := a.Users.Truth(name); isTime {
		return answers.DatabaseNamed(a.Database).MomentType
	}
	return "BOOLEAN"
}

// schemaOf returns the schema of the table of the application with a dot, or nothing.
func schemaOf(a answers.Answers) string {
	if i := strings.LastIndexByte(a.QuotedTable(), '.'); i >= 0 {
		return a.QuotedTable()[:i+1]
	}
	return ""
}

// definition returns the line of CREATE TABLE for a column.
func definition(name string, c answers.Column) string {
	if c.Default == "" {
		return fmt.Sprintf("    %-15s %s,\n", name, c.Type)
	}
	return fmt.Sprintf("    %-15s %-7s NOT NULL DEFAULT %s,\n", name, c.Type, c.Default)
}

// numberedFor returns a statement with the placeholders of the database.
func numberedFor(a answers.Answers, statement string) string {
	if !answers.DatabaseNamed(a.Database).Numbered {
		return statement
	}
	var b strings.Builder
	n := 0
	for _, r := range statement {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

// declareAdopted declares what depends on the columns of a table of the application.
func declareAdopted(f *jen.File, a answers.Answers, columns []string) {
	selected := slices.Clone(columns)
	selected[slices.Index(columns, "email")] = "COALESCE(email, '')"
	f.Comment("userColumns are the columns of usersTable in the order of scanUser.")
	f.Const().Id("userColumns").Op("=").Lit(strings.Join(selected, ", "))
	theirs, added := []jen.Code{}, []jen.Code{jen.Id("u").Dot("id"), jen.Id("u").Dot("version")}
	for _, c := range userColumnsOf(a) {
		switch {
		case c.adopt == "":
			added = append(added, c.value)
		case c.set != "":
			theirs = append(theirs, c.value)
		}
	}
	list := func(comment, name string, values []jen.Code) {
		f.Comment(comment)
		f.Func().Params(jen.Id("u").Op("*").Id("user")).Id(name).Params().Index().Any().Block(
			jen.Return(jen.Index().Any().Values(values...)))
	}
	list("row returns the arguments of insertUserRow.", "row", theirs)
	list("account returns the arguments of insertAccountRow.", "account", added)
}

// declareRoleValues declares how roles are stored in a column of the application that does
// not have their names.
func declareRoleValues(f *jen.File, a answers.Answers, roles []answers.Role, values []answers.RoleValue) {
	kind := a.Users.RoleValueType()
	value := func(r answers.Role) *jen.Statement {
		v := values[slices.IndexFunc(values, func(v answers.RoleValue) bool { return v.Role == r.Name })].Value
		switch kind {
		case "bool":
			return jen.Lit(v == "true")
		case "int64":
			n, _ := strconv.ParseInt(v, 10, 64)
			return jen.Lit(int(n))
		}
		return jen.Lit(v)
	}
	f.Comment("roleValues are the roles as the column has them.")
	f.Var().Id("roleValues").Op("=").Index(jen.Op("...")).Id(kind).Values(perLine(roles, func(r answers.Role) jen.Code {
		return jen.Add(roleConst(r.Name)).Op(":").Add(value(r))
	})...)
	f.Comment("Value implements [driver.Valuer].")
	f.Func().Params(jen.Id("r").Id("Role")).Id("Value").Params().Params(jen.Qual(answers.SQL+"/driver", "Value"), jen.Error()).Block(
		jen.If(jen.Op("!").Id("r").Dot("valid").Call()).Block(jen.Return(jen.Nil(), jen.Id("errRole"))),
		jen.Return(jen.Id("roleValues").Index(jen.Id("r")), jen.Nil()),
	)
	doc(f, "Scan implements [database/sql.Scanner]. It reads a value that no role has, and NULL, as the", "zero Role. A user with the zero Role cannot do anything, not even log in.")
	f.Func().Params(jen.Id("r").Op("*").Id("Role")).Id("Scan").Params(jen.Id("src").Any()).Error().BlockFunc(func(g *jen.Group) {
		g.Var().Id("stored").Qual(answers.SQL, "Null").Types(jen.Id(kind))
		g.Op("*").Id("r").Op("=").Lit(0)
		g.If(jen.Id("stored").Dot("Scan").Call(jen.Id("src")).Op("!=").Nil().Op("||").Op("!").Id("stored").Dot("Valid")).Block(jen.Return(jen.Nil()))
		g.For(jen.Id("role").Op(":=").Range().Id("roleValues")).Block(
			jen.If(jen.Id("role").Op(">").Lit(0).Op("&&").Id("roleValues").Index(jen.Id("role")).Op("==").Id("stored").Dot("V")).Block(
				jen.Op("*").Id("r").Op("=").Id("Role").Call(jen.Id("role"))))
		g.Return(jen.Nil())
	})
}
