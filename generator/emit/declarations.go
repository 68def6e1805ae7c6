package emit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/authgen/authgen/generator/answers"
)

// declaredFiles are the files that declare names from the answers: tables, constants and
// structs. The code that uses them is in the templates.
var declaredFiles = []struct {
	name    string
	needs   string // the tag without which there is no file, "" for none
	declare func(f *jen.File, a answers.Answers)
}{
	{"paths.go", "gate", declarePaths},
	{"roles.go", "", declareRoles},
	{"user.go", "", declareUser},
}

// renderDeclarations returns a file of declarations as a template, without its header.
func renderDeclarations(declare func(*jen.File, answers.Answers), a answers.Answers) ([]byte, error) {
	f := jen.NewFile(a.PackageName)
	declare(f, a)
	var b bytes.Buffer
	if err := f.Render(&b); err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	return b.Bytes(), nil
}

// doc adds a comment with several lines.
func doc(f *jen.File, lines ...string) {
	for _, line := range lines {
		f.Comment(line)
	}
}

func roleConst(name string) *jen.Statement       { return jen.Id("Role" + answers.GoName(name)) }
func permissionConst(name string) *jen.Statement { return jen.Id("Permission" + answers.GoName(name)) }

func declareRoles(f *jen.File, a answers.Answers) {
	// Numbers go up with rank; the answers list the highest role first.
	roles := slices.Clone(a.Roles)
	slices.Reverse(roles)

	f.Comment("The roles, from the lowest to the highest.")
	f.Const().DefsFunc(func(g *jen.Group) {
		for i, r := range roles {
			if i == 0 {
				g.Add(roleConst(r.Name)).Id("Role").Op("=").Iota().Op("+").Lit(1)
				continue
			}
			g.Add(roleConst(r.Name))
		}
	})

	f.Comment("DefaultRole is the role of a user who signs up.")
	f.Const().Id("DefaultRole").Op("=").Add(roleConst(a.DefaultRole))

	f.Comment("roleNames are the names of the roles, as in the database, in cookies and in JSON.")
	f.Var().Id("roleNames").Op("=").Index(jen.Op("...")).String().Values(perLine(roles, func(r answers.Role) jen.Code {
		return jen.Add(roleConst(r.Name)).Op(":").Lit(r.Name)
	})...)

	if values := a.Users.RoleValues(); values != nil {
		declareRoleValues(f, a, roles, values)
	}

	byRole := func() *jen.Statement { return jen.Index(jen.Len(jen.Id("roleNames"))) }
	sensitive := slices.DeleteFunc(slices.Clone(roles), func(r answers.Role) bool { return !r.Sensitive })
	f.Comment("sensitiveRoles are the roles whose sessions have the shorter timeouts.")
	f.Var().Id("sensitiveRoles").Op("=").Add(byRole()).Bool().Values(perLine(sensitive, func(r answers.Role) jen.Code {
		return jen.Add(roleConst(r.Name)).Op(":").True()
	})...)

	if permissions := a.Permissions(); len(permissions) > 0 {
		f.Comment("Permission is a set of permissions. Nobody has the zero Permission, the empty set.")
		f.Type().Id("Permission").Uint64()
		f.Comment("The permissions.")
		f.Const().DefsFunc(func(g *jen.Group) {
			for i, p := range permissions {
				s := g.Add(permissionConst(p))
				if i == 0 {
					s.Id("Permission").Op("=").Lit(1).Op("<<").Iota()
				}
				s.Comment(p)
			}
		})
		f.Comment("grants are the permissions of each role, including those of lower roles.")
		f.Var().Id("grants").Op("=").Add(byRole()).Id("Permission").Values(grantLines(roles, permissions)...)
	}

	f.Comment("A compile error here means the roles were edited by hand; change authgen.yaml instead.")
	f.Func().Id("_").Params().BlockFunc(func(g *jen.Group) {
		g.Var().Id("x").Index(jen.Lit(1)).Struct()
		for i, r := range roles {
			g.Id("_").Op("=").Id("x").Index(jen.Add(roleConst(r.Name)).Op("-").Lit(i + 1))
		}
	})
}

func grantLines(roles []answers.Role, permissions []string) []jen.Code {
	var held []string
	return perLine(slices.DeleteFunc(slices.Clone(roles), func(r answers.Role) bool {
		held = append(held, r.Permissions...)
		return len(held) == 0
	}), func(r answers.Role) jen.Code {
		held = nil
		for _, lower := range roles {
			held = append(held, lower.Permissions...)
			if lower.Name == r.Name {
				break
			}
		}
		line := jen.Add(roleConst(r.Name)).Op(":")
		first := true
		for _, p := range permissions {
			if slices.Contains(held, p) {
				if !first {
					line.Op("|")
				}
				line.Add(permissionConst(p))
				first = false
			}
		}
		return line
	})
}

// perLine returns the elements of a composite literal, one per line.
func perLine[E any](elements []E, code func(E) jen.Code) []jen.Code {
	var lines []jen.Code
	for _, e := range elements {
		lines = append(lines, jen.Line().Add(code(e)))
	}
	if len(lines) > 0 {
		lines = append(lines, jen.Line())
	}
	return lines
}

// goType is the type of a profile field in the emitted code.
func goType(f answers.Field) *jen.Statement {
	switch f.Type {
	case "bool":
		return jen.Bool()
	case "int":
		return jen.Int64()
	}
	return jen.String()
}

// isHidden reports whether there is anybody who may not see the field.
func isHidden(f answers.Field) bool { return !f.IsPublic() }

// declareUser declares the user: first as shown, then as stored.
func declareUser(f *jen.File, a answers.Answers) {
	if !a.Users.Adopted() || slices.ContainsFunc(a.Profile, answers.Field.IsOwn) {
		f.HeaderComment("//authgen:sql") // there are placeholders
	}
	declareDTO(f, a)
	if len(a.Profile) > 0 {
		declareProfile(f, a)
	}
	declareColumns(f, a)
}

func declareDTO(f *jen.File, a answers.Answers) {
	doc(f, "User is an account as shown to its user and to those who may read users. A field that", "only some of them may see is a pointer, and nil for the others.")
	f.Type().Id("User").StructFunc(func(g *jen.Group) {
		field := func(name string, typ *jen.Statement, tag string) {
			g.Id(name).Add(typ).Tag(map[string]string{"json": tag})
		}
		field("ID", jen.Id("UserID"), "id")
		field("Email", jen.String(), "email")
		field("EmailVerified", jen.Bool(), "email_verified")
		field("Role", jen.Id("Role"), "role")
		field("CreatedAt", jen.Qual("time", "Time"), "created_at")
		for _, p := range a.Profile {
			if p.IsPublic() {
				field(answers.GoName(p.Name), goType(p), p.Name)
				continue
			}
			g.Commentf("%s is shown to %s.", answers.GoName(p.Name), viewers(a, p))
			field(answers.GoName(p.Name), jen.Op("*").Add(goType(p)), p.Name+",omitempty")
		}
	})

	viewer := jen.Id("_")
	if slices.ContainsFunc(a.Profile, isHidden) {
		viewer = jen.Id("v")
	}
	f.Comment("newUser returns the account u as the viewer may see it.")
	f.Func().Id("newUser").Params(jen.Id("u").Id("user"), viewer.Id("view")).Id("User").BlockFunc(func(g *jen.Group) {
		fields := []jen.Code{
			jen.Line().Id("ID").Op(":").Id("u").Dot("id"),
			jen.Line().Id("Email").Op(":").Id("u").Dot("email"),
			jen.Line().Id("EmailVerified").Op(":").Id("u").Dot("emailVerified"),
			jen.Line().Id("Role").Op(":").Id("u").Dot("role"),
			jen.Line().Id("CreatedAt").Op(":").Id("u").Dot("createdAt"),
		}
		for _, p := range a.Profile {
			if p.IsPublic() {
				fields = append(fields, jen.Line().Id(answers.GoName(p.Name)).Op(":").Id("u").Dot("profile").Dot(p.Member()))
			}
		}
		dto := jen.Id("User").Values(append(fields, jen.Line())...)
		if !slices.ContainsFunc(a.Profile, isHidden) {
			g.Return(dto)
			return
		}
		g.Id("dto").Op(":=").Add(dto)
		for _, p := range a.Profile {
			if p.IsPublic() {
				continue
			}
			g.If(visibleTo(a, p)).Block(
				jen.Id("dto").Dot(answers.GoName(p.Name)).Op("=").Op("&").Id("u").Dot("profile").Dot(p.Member()),
			)
		}
		g.Return(jen.Id("dto"))
	})

	if !slices.ContainsFunc(a.Profile, answers.Field.IsPublic) {
		return
	}
	f.Comment("PublicUser is what everybody, visitors included, may see of a user.")
	f.Type().Id("PublicUser").StructFunc(func(g *jen.Group) {
		g.Id("ID").Id("UserID").Tag(map[string]string{"json": "id"})
		for _, p := range a.Profile {
			if p.IsPublic() {
				g.Id(answers.GoName(p.Name)).Add(goType(p)).Tag(map[string]string{"json": p.Name})
			}
		}
	})
	f.Comment("newPublicUser returns the public part of the account u.")
	f.Func().Id("newPublicUser").Params(jen.Id("u").Id("user")).Id("PublicUser").BlockFunc(func(g *jen.Group) {
		fields := []jen.Code{jen.Line().Id("ID").Op(":").Id("u").Dot("id")}
		for _, p := range a.Profile {
			if p.IsPublic() {
				fields = append(fields, jen.Line().Id(answers.GoName(p.Name)).Op(":").Id("u").Dot("profile").Dot(p.Member()))
			}
		}
		g.Return(jen.Id("PublicUser").Values(append(fields, jen.Line())...))
	})
}

// viewers describes who sees a field that is not public.
func viewers(a answers.Answers, p answers.Field) string {
	var who []string
	if p.IsOwn() {
		who = append(who, "the user")
	}
	if lowest := lowestViewer(a, p); lowest != "" {
		who = append(who, "the role "+lowest)
		if lowest != a.Roles[0].Name {
			who = append(who, "those above it")
		}
	}
	if len(who) < 2 {
		return strings.Join(who, "")
	}
	return strings.Join(who[:len(who)-1], ", ") + " and " + who[len(who)-1]
}

// lowestViewer returns the lowest role that sees a field, or "". A higher role
// sees what a lower one does.
func lowestViewer(a answers.Answers, p answers.Field) string {
	for i := len(a.Roles) - 1; i >= 0; i-- {
		if slices.Contains(p.Visible, a.Roles[i].Name) {
			return a.Roles[i].Name
		}
	}
	return ""
}

// visibleTo returns the condition under which the viewer v sees a field of u.
func visibleTo(a answers.Answers, p answers.Field) *jen.Statement {
	var conditions []*jen.Statement
	if p.IsOwn() {
		conditions = append(conditions, jen.Id("v").Dot("id").Op("==").Id("u").Dot("id"))
	}
	if lowest := lowestViewer(a, p); lowest != "" {
		conditions = append(conditions, jen.Id("v").Dot("role").Dot("AtLeast").Call(roleConst(lowest)))
	}
	condition := conditions[0]
	for _, c := range conditions[1:] {
		condition = condition.Op("||").Add(c)
	}
	return condition
}

func declareProfile(f *jen.File, a answers.Answers) {
	f.Comment("profile holds the columns that this application adds to the table of users.")
	f.Type().Id("profile").StructFunc(func(g *jen.Group) {
		for _, p := range a.Profile {
			g.Id(p.Member()).Add(goType(p))
		}
	})
	members := func(op string) []jen.Code {
		var list []jen.Code
		for _, p := range a.Profile {
			list = append(list, jen.Op(op).Id("p").Dot(p.Member()))
		}
		return list
	}
	f.Comment("scan returns the destinations of the columns.")
	f.Func().Params(jen.Id("p").Op("*").Id("profile")).Id("scan").Params().Index().Any().
		Block(jen.Return(jen.Index().Any().Values(members("&")...)))
	if !a.Users.Adopted() {
		f.Comment("values returns the values of the columns.")
		f.Func().Params(jen.Id("p").Id("profile")).Id("values").Params().Index().Any().
			Block(jen.Return(jen.Index().Any().Values(members("")...)))
	}

	own := ownFields(a)
	if len(own) == 0 {
		return
	}
	f.Comment("ProfileInput holds profile changes. A nil field is left unchanged.")
	f.Type().Id("ProfileInput").StructFunc(func(g *jen.Group) {
		for _, p := range own {
			g.Id(answers.GoName(p.Name)).Op("*").Add(goType(p))
		}
	})
	f.Comment("Fields returns the fields of a body that holds profile changes.")
	f.Func().Params(jen.Id("in").Op("*").Id("ProfileInput")).Id("Fields").Params().Id("Fields").Block(
		jen.Id("into").Op(":=").Id("Fields").Values(),
		jen.Id("in").Dot("addTo").Call(jen.Id("into")),
		jen.Return(jen.Id("into")),
	)
	f.Comment("addTo adds the profile fields to those of a body.")
	f.Func().Params(jen.Id("in").Op("*").Id("ProfileInput")).Id("addTo").Params(jen.Id("into").Id("Fields")).BlockFunc(func(g *jen.Group) {
		for _, p := range own {
			g.Id("into").Index(jen.Lit(p.Name)).Op("=").Op("&").Id("in").Dot(answers.GoName(p.Name))
		}
	})
	if a.HasOwnText() {
		f.Comment("check records invalid texts.")
		f.Func().Params(jen.Id("in").Id("ProfileInput")).Id("check").Params(jen.Id("invalid").Op("*").Id("InputError")).BlockFunc(func(g *jen.Group) {
			for _, p := range own {
				if p.Type == "string" {
					g.Id("invalid").Dot("check").Call(jen.Lit(p.Name), jen.Id("checkText").Call(jen.Id("in").Dot(answers.GoName(p.Name))))
				}
			}
		})
	}
	f.Comment("apply copies the non-nil fields to p.")
	f.Func().Params(jen.Id("in").Id("ProfileInput")).Id("apply").Params(jen.Id("p").Op("*").Id("profile")).BlockFunc(func(g *jen.Group) {
		for _, p := range own {
			g.If(jen.Id("in").Dot(answers.GoName(p.Name)).Op("!=").Nil()).Block(
				jen.Id("p").Dot(p.Member()).Op("=").Op("*").Id("in").Dot(answers.GoName(p.Name)),
			)
		}
	})
	f.Comment("update changes the profile of a user. NULL leaves a column unchanged.")
	f.Func().Params(jen.Id("in").Id("ProfileInput")).Id("update").
		Params(jen.Id("ctx").Qual("context", "Context"), jen.Id("q").Id("querier"), jen.Id("id").Id("UserID")).Error().
		BlockFunc(func(g *jen.Group) {
			theirs, added := adoptedFields(a, own)
			call := func(statement string, fields []answers.Field) *jen.Statement {
				args := []jen.Code{jen.Id("ctx"), jen.Id("q"), jen.Lit("update a profile"), jen.Id(statement)}
				for _, p := range fields {
					args = append(args, jen.Id("in").Dot(answers.GoName(p.Name)))
				}
				return jen.Id("exec").Call(append(args, jen.Id("id"))...)
			}
			last, fields := "updateProfile", theirs
			switch {
			case len(theirs) == 0:
				last, fields = "updateAccount", added
			case len(added) > 0:
				g.If(jen.List(jen.Id("_"), jen.Err()).Op(":=").Add(call("updateAccount", added)), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
			}
			g.List(jen.Id("_"), jen.Err()).Op(":=").Add(call(last, fields))
			g.Return(jen.Err())
		})
}

// ownFields returns the fields of the profile that users may change.
func ownFields(a answers.Answers) []answers.Field {
	return slices.DeleteFunc(slices.Clone(a.Profile), func(p answers.Field) bool { return !p.IsOwn() })
}

func declareColumns(f *jen.File, a answers.Answers) {
	columns := []string{"id", "email", "email_verified", "password_hash", "role", "disabled", "session_version", "created_at"}
	for _, p := range a.Profile {
		columns = append(columns, p.Name)
	}
	if a.Users.Adopted() {
		declareAdopted(f, a, columns)
	} else {
		f.Comment("Columns of the table of users, in the order of scanUser and insertUser.")
		f.Const().DefsFunc(func(g *jen.Group) {
			g.Id("userColumns").Op("=").Lit(strings.Join(columns, ", "))
			g.Id("userValues").Op("=").Lit(strings.Join(slices.Repeat([]string{"?"}, len(columns)), ", "))
		})
	}
	own := ownFields(a)
	theirs, added := adoptedFields(a, own)
	update := func(comment, name, table, key string, fields []answers.Field, column func(answers.Field) string, more string) {
		if len(fields) == 0 {
			return
		}
		var assignments []string
		for _, p := range fields {
			assignments = append(assignments, fmt.Sprintf("%s = COALESCE(?, %[1]s)", column(p)))
		}
		f.Comment(comment)
		f.Const().Id(name).Op("=").Lit("UPDATE " + table + " SET " + strings.Join(assignments, ", ") + more + " WHERE " + key + " = ?")
	}
	const comment = "%s sets the columns that users may change. NULL leaves one unchanged."
	if !a.Users.Adopted() {
		update(fmt.Sprintf(comment, "updateProfile"), "updateProfile", TablePrefix(a)+"users", "id", theirs, func(p answers.Field) string { return p.Name }, "")
		return
	}
	update(fmt.Sprintf(comment, "updateProfile"), "updateProfile", a.QuotedTable(), a.QuotedColumn("id"), theirs,
		func(p answers.Field) string { return a.QuotedColumn(p.Name) }, touch(a))
	update(fmt.Sprintf(comment, "updateAccount"), "updateAccount", TablePrefix(a)+"accounts", "user_id", added, func(p answers.Field) string { return p.Name }, "")
}

func declarePaths(f *jen.File, a answers.Answers) {
	list := func(comment, name string, paths []string) {
		f.Comment(comment)
		f.Var().Id(name).Op("=").Index().String().Values(perLine(paths, func(p string) jen.Code { return jen.Lit(p) })...)
	}
	list("publicPaths are for visitors who are logged out.", "publicPaths", a.Public)
	list("protectedPaths are for users who are logged in.", "protectedPaths", a.Protected)
}

// columnFor returns the column of the field.
func columnFor(f answers.Field, database string) answers.Column {
	return answers.DatabaseNamed(database).Columns[f.Type]
}
