package project

import (
	"go/ast"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/authgen/authgen/generator/answers"
)

// allModels returns the tables of the structs that stand for one in an ORM.
func (s *source) allModels() []Relation {
	if s.models != nil {
		return *s.models
	}
	s.models = new([]Relation)
	var words, imports []string
	for _, m := range answers.Models() {
		imports = append(imports, m.Import)
		if m.Tag != "" {
			words = append(words, m.Tag+`:"`)
		}
		if m.Base != "" {
			words = append(words, "."+m.Base)
		}
	}
	uses := func(f *file) bool {
		return slices.ContainsFunc(f.imports, func(imp imported) bool {
			return slices.ContainsFunc(imports, func(of string) bool { return isBelow(imp.path, of) })
		})
	}
	if !slices.ContainsFunc(s.app, uses) {
		return nil
	}
	n := s.naming()
	migrated := s.migrated()
	files := s.mentioning(append(words, tableMethod, tableField)...)
	for t := range migrated {
		if _, f := s.typeSpec(t); f != nil && !slices.Contains(files, f) {
			files = append(files, f)
		}
	}
	for _, f := range files {
		for name := range f.types {
			if r, ok := s.model(f, name, n, migrated); ok {
				r.columns, r.partial = s.modelColumns(f, name)
				*s.models = append(*s.models, r)
			}
		}
	}
	return *s.models
}

// tableMethod is the method by which a struct names its table, and tableField the field
// that does so with its tag.
const (
	tableMethod = "TableName"
	tableField  = "tableName"
)

// migrateMethods make the tables of structs.
var migrateMethods = []string{"AutoMigrate", "CreateTable"}

// model returns the table of a struct, false if it has none.
func (s *source) model(f *file, name string, n naming, migrated map[typ]bool) (Relation, bool) {
	spec := f.types[name]
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return Relation{}, false
	}
	r := Relation{Kind: "model", Pos: s.position(spec.Name.Pos())}
	if m := s.method(typ{f.pkg.path, name}, tableMethod, 1); m != nil {
		r.Pos = s.position(m.decl.Name.Pos())
		if len(m.returns) == 1 && len(m.returns[0].Results) == 1 {
			r.Name, ok = s.constant(m.returns[0].Results[0], m)
			return r, ok
		}
		return Relation{}, false
	}
	for _, m := range answers.Models() {
		table, of := s.tableOf(f, st, m)
		switch {
		case !of:
		case table != "":
			r.Name = table
			return r, true
		case m.Annotates != "":
			if table, ok := s.annotation(f, name, m); ok {
				r.Name = table
				return r, true
			}
			fallthrough
		default:
			r.Name = n.table(name, m.Plural)
			return r, true
		}
	}
	if migrated[typ{f.pkg.path, name}] {
		r.Name = n.table(name, true)
		return r, true
	}
	return Relation{}, false
}

// tableOf reports whether a struct is a model of an ORM, and returns the table that it
// names, if it does.
func (s *source) tableOf(f *file, st *ast.StructType, m answers.Model) (table string, ok bool) {
	for _, fd := range st.Fields.List {
		var tag string
		if fd.Tag != nil {
			text, _ := strconv.Unquote(fd.Tag.Value)
			tag, _ = reflect.StructTag(text).Lookup(m.Tag)
		}
		first, _, _ := strings.Cut(tag, ",")
		base := len(fd.Names) == 0 && m.Base != "" && isVersion(s.typeNamed(fd.Type, f), m)
		switch {
		case base && strings.HasPrefix(first, "table:"):
			return strings.TrimPrefix(first, "table:"), true
		case len(fd.Names) == 1 && fd.Names[0].Name == tableField && tag != "":
			return first, true
		case base, m.Tag != "" && tag != "":
			ok = true
		}
	}
	return "", ok
}

func isVersion(t typ, m answers.Model) bool { return t.name == m.Base && isVersionOf(t.path, m.Import) }

// annotation returns the table that the annotations of a schema name.
func (s *source) annotation(f *file, name string, m answers.Model) (string, bool) {
	method := s.method(typ{f.pkg.path, name}, m.Annotates, 1)
	if method == nil {
		return "", false
	}
	for _, v := range method.file.values {
		if rootOf(v.in) != method {
			continue
		}
		for _, e := range v.lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && nameOf(kv.Key) == "Table" {
				return s.constant(kv.Value, v.in)
			}
		}
	}
	for _, c := range method.file.calls {
		if p, fn := s.external(c.expr.Fun, c.in); rootOf(c.in) == method && isBelow(p, m.Import) && fn == "Table" && len(c.expr.Args) == 1 {
			return s.constant(c.expr.Args[0], c.in)
		}
	}
	return "", false
}

// migrated returns the structs whose tables the application has made.
func (s *source) migrated() map[typ]bool {
	types := make(map[typ]bool)
	for _, f := range s.mentioning(migrateMethods...) {
		for _, c := range f.calls {
			if !slices.Contains(migrateMethods, nameOf(c.expr.Fun)) {
				continue
			}
			for _, arg := range c.expr.Args {
				types[s.typeOf(arg, c.in)] = true
			}
		}
	}
	return types
}

// naming is how an ORM names tables.
type naming struct {
	prefix   string
	singular bool
}

// naming returns how the application has tables named.
func (s *source) naming() naming {
	var n naming
	for _, f := range s.mentioning("TablePrefix", "SingularTable", "NewPrefixMapper") {
		for _, v := range f.values {
			for _, e := range v.lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				switch nameOf(kv.Key) {
				case "TablePrefix":
					n.prefix, _ = s.constant(kv.Value, v.in)
				case "SingularTable":
					n.singular = nameOf(kv.Value) == "true"
				}
			}
		}
		for _, c := range f.calls {
			switch name := nameOf(c.expr.Fun); {
			case name == "NewPrefixMapper" && len(c.expr.Args) == 2:
				n.prefix, _ = s.constant(c.expr.Args[1], c.in)
			case name == "SingularTable" && len(c.expr.Args) == 1:
				n.singular = nameOf(c.expr.Args[0]) == "true"
			}
		}
	}
	return n
}

// table returns the name of the table of a struct.
func (n naming) table(structName string, plural bool) string {
	name := snakeCase(structName)
	if plural && !n.singular {
		name = pluralOf(name)
	}
	return n.prefix + name
}

// snakeCase returns a Go name in lower case, with an underscore between its words.
func snakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, c := range runes {
		if unicode.IsUpper(c) {
			after := i > 0 && !unicode.IsUpper(runes[i-1]) && runes[i-1] != '_'
			before := i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) && runes[i-1] != '_'
			if after || before {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// plurals are the endings of words and those of their plurals. Later ones come first. They
// are those of github.com/jinzhu/inflection, which the ORMs use.
var plurals = []struct {
	ending *regexp.Regexp
	plural string
}{
	{regexp.MustCompile(`([a-z])$`), "${1}s"},
	{regexp.MustCompile(`s$`), "s"},
	{regexp.MustCompile(`(ax|test)is$`), "${1}es"},
	{regexp.MustCompile(`(octop|vir)(us|i)$`), "${1}i"},
	{regexp.MustCompile(`(alias|status|campus)$`), "${1}es"},
	{regexp.MustCompile(`(bu)s$`), "${1}ses"},
	{regexp.MustCompile(`(buffal|tomat)o$`), "${1}oes"},
	{regexp.MustCompile(`([ti])(um|a)$`), "${1}a"},
	{regexp.MustCompile(`sis$`), "ses"},
	{regexp.MustCompile(`(?:([^f])fe|([lr])f)$`), "${1}${2}ves"},
	{regexp.MustCompile(`([^aeiouy]|qu)y$`), "${1}ies"},
	{regexp.MustCompile(`(x|ch|ss|sh)$`), "${1}es"},
	{regexp.MustCompile(`(matr|vert|ind)(?:ix|ex)$`), "${1}ices"},
	{regexp.MustCompile(`(m|l)(?:ouse|ice)$`), "${1}ice"},
	{regexp.MustCompile(`(quiz)$`), "${1}zes"},
	{regexp.MustCompile(`person$`), "people"},
	{regexp.MustCompile(`child$`), "children"},
	{regexp.MustCompile(`man$`), "men"},
	{regexp.MustCompile(`(equipment|information|rice|money|species|series|fish|sheep|jeans|police)$`), "${1}"},
}

// pluralOf returns the plural of a word.
func pluralOf(word string) string {
	for _, p := range slices.Backward(plurals) {
		if p.ending.MatchString(word) {
			return p.ending.ReplaceAllString(word, p.plural)
		}
	}
	return word
}
