package project

import (
	"cmp"
	"go/ast"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// modelColumns returns the columns of the table of a struct, and reports whether it may have
// others.
func (s *source) modelColumns(f *file, name string) (columns []Column, partial bool) {
	for _, m := range answers.Models() {
		if method := s.method(typ{f.pkg.path, name}, m.Fields, 1); m.Fields != "" && method != nil {
			// Edges and mixins have columns as well.
			return s.declaredColumns(method, m), true
		}
	}
	st, ok := f.types[name].Type.(*ast.StructType)
	if !ok {
		return nil, true
	}
	m := modelOf(st, f)
	fs := modelFields{source: s, model: m}
	fs.add(st, f, "", 3)
	fs.finish()
	return fs.columns, fs.partial
}

// modelOf returns how the ORM works whose tags the fields of a struct have, or that its file
// imports.
func modelOf(st *ast.StructType, f *file) answers.Model {
	models := answers.Models()
	for _, fd := range st.Fields.List {
		for _, m := range models {
			if _, tagged := tagOf(fd, m); tagged {
				return m
			}
		}
	}
	for _, m := range models {
		if slices.ContainsFunc(f.imports, func(imp imported) bool { return isBelow(imp.path, m.Import) }) {
			return m
		}
	}
	return models[0]
}

// tagOf returns the tag of a field for an ORM.
func tagOf(fd *ast.Field, m answers.Model) (string, bool) {
	if fd.Tag == nil || m.Tag == "" {
		return "", false
	}
	text, _ := strconv.Unquote(fd.Tag.Value)
	return reflect.StructTag(text).Lookup(m.Tag)
}

// declaredColumns returns the columns that a method declares by calls. One that is called id
// is the key, and is there if it is not declared.
func (s *source) declaredColumns(method *scope, m answers.Model) []Column {
	columns := []Column{{Name: "id", Pos: s.position(method.decl.Pos()), Key: true, Filled: true, kind: "int64"}}
	said := s.saidOf(method)
	for _, c := range method.file.calls {
		p, fn := s.external(c.expr.Fun, c.in)
		if rootOf(c.in) != method || p != m.FieldsOf || len(c.expr.Args) == 0 {
			continue
		}
		if name, ok := s.constant(c.expr.Args[0], c.in); ok {
			column := Column{Name: name, Pos: s.position(c.expr.Pos()), Key: name == "id", kind: declaredKinds[fn]}
			if column.kind == "" {
				column.kind = goKinds[strings.ToLower(fn)]
			}
			for _, more := range said[c.expr] {
				s.say(&column, more)
			}
			column.Filled = column.Filled || column.Key && strings.Contains(column.kind, "int")
			columns = append(without(columns, name), column)
		}
	}
	return columns
}

// declaredKinds are the kinds of value, as in answers.ColumnTypes, of functions of ent whose
// name is not that of a type.
var declaredKinds = map[string]string{
	"Text": "string", "Enum": "string", "Bytes": "bytes", "Time": "time", "UUID": "uuid", "JSON": "json", "Float": "float",
	"Int": "int64", "Int8": "int16", "Uint": "uint64", "Uint8": "uint16",
}

// saidOf returns the methods that are called on what a call in a function returns, by that
// call.
func (s *source) saidOf(method *scope) map[*ast.CallExpr][]call {
	said := make(map[*ast.CallExpr][]call)
	for _, c := range method.file.calls {
		if rootOf(c.in) != method {
			continue
		}
		on := c.expr
		for {
			sel, ok := on.Fun.(*ast.SelectorExpr)
			if !ok {
				break
			}
			inner, ok := sel.X.(*ast.CallExpr)
			if !ok {
				break
			}
			on = inner
		}
		if on != c.expr {
			said[on] = append(said[on], c)
		}
	}
	return said
}

// say applies a method to a column that is declared.
func (s *source) say(c *Column, method call) {
	args := method.expr.Args
	switch nameOf(method.expr.Fun) {
	case "Unique":
		c.Unique = true
	case "Optional":
		c.Null = true
	case "StorageKey":
		if name, ok := s.constant(args[0], method.in); ok && len(args) == 1 {
			c.Name = name
		}
	case "Values":
		for _, arg := range args {
			if value, ok := s.constant(arg, method.in); ok {
				c.values = append(c.values, value)
			}
		}
	case "Default":
		if len(args) != 1 {
			break
		}
		// What a function returns is not a default of the column.
		text, isText := s.constant(args[0], method.in)
		_, isLiteral := args[0].(*ast.BasicLit)
		c.usual, c.Filled = text, isText || isLiteral || nameOf(args[0]) == "true" || nameOf(args[0]) == "false"
	case "SchemaType":
		for _, arg := range args {
			if lit, ok := literal(arg); ok {
				c.declared = s.declaredTypes(lit, method.in)
			}
		}
	}
}

// declaredTypes returns the types of a column by the database. The keys are constants of the
// package that tells what uses the database.
func (s *source) declaredTypes(lit *ast.CompositeLit, in *scope) map[string]string {
	types := make(map[string]string)
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		text, isText := s.constant(kv.Value, in)
		for _, d := range answers.Databases {
			key, isKey := s.constant(kv.Key, in)
			named := slices.ContainsFunc(d.Wrappers, func(w answers.Wrapper) bool { return w.Const != "" && w.Const == nameOf(kv.Key) })
			if isText && (named || isKey && slices.Contains(d.Names, key)) {
				var c Column
				c.retype(text)
				types[d.Name] = c.Type
			}
		}
	}
	return types
}

// modelFields collects the columns of the fields of a struct.
type modelFields struct {
	*source
	model   answers.Model
	columns []Column
	indexes map[string][]int // unique ones, with where their columns are
	usual   []int            // where the columns are that are the key if no other one is
	partial bool
}

// add adds the columns of a struct, and of those that it embeds.
func (fs *modelFields) add(st *ast.StructType, f *file, prefix string, depth int) {
	for _, fd := range st.Fields.List {
		tag, ok := fs.tag(fd)
		if !ok {
			continue
		}
		t := fs.typeNamed(fd.Type, f)
		inner, of := fs.structOf(t)
		switch {
		case (len(fd.Names) == 0 || tag.embedded) && inner != nil && depth > 0:
			fs.add(inner, of, prefix+tag.prefix, depth-1)
			continue
		case len(fd.Names) == 0 && slices.ContainsFunc(answers.Models(), func(m answers.Model) bool { return m.Base == "Model" && isVersion(t, m) }): // that of GORM
			at := fs.position(fd.Pos())
			fs.columns = append(fs.columns,
				Column{Name: prefix + "id", Pos: at, Key: true, Filled: true, kind: "uint64"},
				Column{Name: prefix + "created_at", Pos: at, Null: true, kind: "time"},
				Column{Name: prefix + "updated_at", Pos: at, Null: true, kind: "time"},
				Column{Name: prefix + "deleted_at", Pos: at, Null: true, kind: "time"})
			continue
		case len(fd.Names) == 0:
			fs.partial = fs.partial || !slices.ContainsFunc(answers.Models(), func(m answers.Model) bool { return isVersion(t, m) })
			continue
		}
		kind, relation := fs.kindOf(fd.Type, f)
		if tag.relation || relation && fs.model.Relates && tag.column.Type == "" && !tag.named {
			continue
		}
		for _, id := range fd.Names {
			if !id.IsExported() {
				continue
			}
			c := tag.column
			c.Name = prefix + cmp.Or(c.Name, snakeCase(id.Name))
			c.Pos = fs.position(id.Pos())
			c.Null = c.Null && !c.Key
			if c.kind = kind; c.Type == "" && kind == "string" && tag.size != "" {
				c.Type = "varchar(" + tag.size + ")"
			}
			if c.Name == "id" {
				fs.usual = append(fs.usual, len(fs.columns))
			}
			if tag.index != "" {
				if fs.indexes == nil {
					fs.indexes = make(map[string][]int)
				}
				fs.indexes[tag.index] = append(fs.indexes[tag.index], len(fs.columns))
			}
			fs.columns = append(fs.columns, c)
		}
	}
}

// finish applies what is known once there are all columns.
func (fs *modelFields) finish() {
	for _, indexed := range fs.indexes {
		if len(indexed) == 1 {
			fs.columns[indexed[0]].Unique = true
		}
	}
	if !slices.ContainsFunc(fs.columns, func(c Column) bool { return c.Key }) {
		for _, i := range fs.usual {
			fs.columns[i].Key, fs.columns[i].Null = true, false
		}
	}
	for i, c := range fs.columns {
		fs.columns[i].Filled = c.Filled || c.Key && strings.Contains(c.kind, "int")
	}
}

// goKinds are the kinds of value, as in answers.ColumnTypes, that types of Go are.
var goKinds = map[string]string{
	"string": "string", "bool": "bool", "float32": "float", "float64": "float", "byte": "uint16", "uint8": "uint16", "int8": "int16",
	"int16": "int16", "int32": "int32", "rune": "int32", "int64": "int64", "uint16": "uint16", "uint32": "uint32", "uint64": "uint64",
	"Time": "time", "NullTime": "time", "DeletedAt": "time", "NullString": "string", "NullBool": "bool", "NullInt64": "int64",
	"NullInt32": "int32", "NullInt16": "int16", "NullFloat64": "float", "UUID": "uuid", "NullUUID": "uuid", "RawMessage": "json",
	"JSON": "json", "String": "string", "Bool": "bool", "Int": "int64",
}

// kindOf returns the kind of value of a field, "" if it is unknown, and whether the type is
// that of another struct, or of several.
func (fs *modelFields) kindOf(e ast.Expr, f *file) (kind string, relation bool) {
	switch t := e.(type) {
	case *ast.StarExpr:
		return fs.kindOf(t.X, f)
	case *ast.ArrayType:
		if id, ok := t.Elt.(*ast.Ident); ok && (id.Name == "byte" || id.Name == "uint8") {
			return "bytes", false
		}
		return "", true
	case *ast.IndexExpr: // sql.Null[string]
		return fs.kindOf(t.Index, f)
	}
	t := fs.typeNamed(e, f)
	if spec, of := fs.typeSpec(t); spec != nil {
		if _, isStruct := spec.Type.(*ast.StructType); isStruct {
			return "", true
		}
		return fs.kindOf(spec.Type, of)
	}
	switch t.name {
	case "int":
		return cmp.Or(fs.model.Int, "int64"), false
	case "uint":
		return "u" + cmp.Or(fs.model.Int, "int64"), false
	case "UUID":
		return cmp.Or(fs.model.UUID, "uuid"), false
	}
	return goKinds[t.name], false
}

// A fieldTag is what a tag says of a field.
type fieldTag struct {
	column   Column
	named    bool   // whether it gives the column a name
	size     string // of a text
	index    string // unique one that it is in, together with others
	embedded bool   // whether the fields of the struct are columns
	prefix   string // of the names of those
	relation bool   // whether the field is for rows of another table
}

// tag returns what the tag of a field says, false if the field is not in the table. Tags are
// "column:name;primaryKey" of GORM, "name,pk" of bun and go-pg, and "varchar(255) 'name' pk"
// of xorm.
func (fs *modelFields) tag(fd *ast.Field) (fieldTag, bool) {
	t := fieldTag{column: Column{Null: true}}
	text, tagged := tagOf(fd, fs.model)
	if !tagged {
		return t, true
	}
	settings := splitTag(text, fs.model.Separator)
	for i, setting := range settings {
		setting = strings.TrimSpace(setting)
		name, value, hasValue := strings.Cut(setting, ":")
		name = strings.ToLower(strings.NewReplacer("_", "", " ", "").Replace(name))
		value = strings.TrimSpace(value)
		before := ""
		if i > 0 {
			before = strings.ToLower(settings[i-1])
		}
		switch {
		case setting == "-" && len(settings) == 1, strings.HasPrefix(setting, "-:"):
			return t, false
		case i == 0 && fs.model.NameFirst && !hasValue:
			t.column.Name, t.named = setting, setting != ""
		case before == "default" && fs.model.Separator == " ":
			t.column.usual = strings.Trim(setting, "'")
		case strings.HasPrefix(setting, "'"):
			t.column.Name, t.named = strings.Trim(setting, "'"), true
		case name == "column":
			t.column.Name, t.named = value, true
		case name == "type":
			t.column.retype(value)
		case name == "size":
			t.size = value
		case name == "pk", name == "primarykey":
			t.column.Key = true
		case name == "notnull", name == "null" && before == "not":
			t.column.Null = false
		case name == "default":
			t.column.Filled, t.column.usual = value != "(-)" && !strings.EqualFold(value, "null"), strings.Trim(value, "'")
		case name == "autoincr", name == "autoincrement", name == "identity":
			t.column.Filled = true
		case strings.HasPrefix(name, "unique"):
			_, group, inParentheses := strings.Cut(strings.TrimSuffix(name, ")"), "(")
			group = cmp.Or(value, group)
			t.column.Unique = group == "" && !inParentheses
			t.index = group
		case name == "embedded", name == "extends":
			t.embedded = true
		case name == "embeddedprefix":
			t.prefix = value
		case name == "embed":
			t.embedded, t.prefix = true, value
		case slices.Contains([]string{"rel", "m2m", "join", "many2many", "foreignkey", "references", "polymorphic", "fk"}, name):
			t.relation = true
		case fs.model.Separator == " " && t.column.Type == "":
			if c := (Column{Type: plainType(strings.ToLower(setting))}); c.class() != "" {
				t.column.Type = c.Type
			}
		}
	}
	return t, true
}

// splitTag splits a tag at a separator outside of quotes and parentheses.
func splitTag(tag, separator string) []string {
	var pieces []string
	depth, quoted, from := 0, false, 0
	for i := range len(tag) {
		switch c := tag[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case string(c) == separator && depth == 0:
			pieces = append(pieces, tag[from:i])
			from = i + 1
		}
	}
	return append(pieces, tag[from:])
}
