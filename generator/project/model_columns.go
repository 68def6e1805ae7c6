package project

import (
	"cmp"
	"go/ast"
	"reflect"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// modelColumns returns the columns of the table of a struct.
func (s *source) modelColumns(f *file, name string) []column {
	for _, m := range answers.Models() {
		if method := s.method(typ{f.pkg.path, name}, m.Fields, 1); m.Fields != "" && method != nil {
			return s.declaredColumns(method, m)
		}
	}
	st, ok := f.types[name].Type.(*ast.StructType)
	if !ok {
		return nil
	}
	return s.structColumns(st, f, 3)
}

// declaredColumns returns the columns that a method declares by calls. One that is called id
// is the key, and is there if it is not declared.
func (s *source) declaredColumns(method *scope, m answers.Model) []column {
	columns := []column{{name: "id", kind: "int", key: true}}
	for _, c := range method.file.calls {
		p, fn := s.external(c.expr.Fun, c.in)
		if rootOf(c.in) != method || p != m.FieldsOf || len(c.expr.Args) == 0 {
			continue
		}
		if name, ok := s.constant(c.expr.Args[0], c.in); ok {
			columns = append(without(columns, name), column{name: name, kind: strings.ToLower(fn), key: name == "id"})
		}
	}
	return columns
}

// structColumns returns the columns of the fields of a struct, and of those that it embeds.
func (s *source) structColumns(st *ast.StructType, f *file, depth int) []column {
	var columns []column
	for _, fd := range st.Fields.List {
		name, key, ok := columnOf(fd)
		if !ok {
			continue
		}
		if len(fd.Names) == 0 {
			columns = append(columns, s.embeddedColumns(fd, f, depth)...)
			continue
		}
		for _, id := range fd.Names {
			if !id.IsExported() {
				continue
			}
			name := cmp.Or(name, snakeCase(id.Name))
			columns = append(columns, column{name, strings.ToLower(strings.TrimPrefix(s.text(f, fd.Type), "*")), key || name == "id"})
		}
	}
	return columns
}

// embeddedColumns returns the columns of an embedded struct.
func (s *source) embeddedColumns(fd *ast.Field, f *file, depth int) []column {
	t := s.typeNamed(fd.Type, f)
	if st, of := s.structOf(t); st != nil && depth > 0 {
		return s.structColumns(st, of, depth-1)
	}
	for _, m := range answers.Models() {
		if m.Base == "Model" && isVersion(t, m) { // that of GORM
			return []column{{"id", "uint", true}, {"created_at", "time.time", false}, {"updated_at", "time.time", false}, {"deleted_at", "gorm.deletedat", false}}
		}
	}
	return nil
}

// columnOf returns the name of the column of a field, "" if its tag gives none, whether the
// column is the primary key, and whether there is one. Tags are "column:name;primaryKey" of
// GORM, "name,pk" of bun and go-pg, and "varchar(255) 'name' pk" of xorm.
func columnOf(fd *ast.Field) (name string, key, ok bool) {
	if fd.Tag == nil {
		return "", false, true
	}
	text, _ := strconv.Unquote(fd.Tag.Value)
	for _, m := range answers.Models() {
		tag, tagged := reflect.StructTag(text).Lookup(m.Tag)
		if m.Tag == "" || !tagged {
			continue
		}
		if tag == "-" {
			return "", false, false
		}
		for before, rest, ok := strings.Cut(tag, "'"); ok; before, rest, ok = strings.Cut(rest, "'") {
			quoted, after, _ := strings.Cut(rest, "'")
			if !strings.HasSuffix(strings.ToLower(strings.TrimRight(before, " ")), "default") {
				name = quoted
			}
			rest = after
		}
		words := strings.FieldsFunc(tag, func(c rune) bool { return c == ';' || c == ',' || c == ' ' })
		if first, _, _ := strings.Cut(tag, ","); m.NameFirst && !strings.Contains(first, ":") {
			name = first
		}
		for _, word := range words {
			if setting, value, _ := strings.Cut(word, ":"); strings.EqualFold(setting, "column") {
				name = value
			}
			key = key || word == "pk" || strings.EqualFold(strings.ReplaceAll(word, "_", ""), "primaryKey")
		}
		return name, key, true
	}
	return "", false, true
}
