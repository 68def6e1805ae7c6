package project

import (
	"bytes"
	"cmp"
	"go/ast"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// Relations returns what the application has in its database with one of these names, or
// all if there are none, sorted by position: what its SQL files and the SQL in its code create and do not drop
// again, and the tables of its models. It leaves out files in a directory that is named after
// another database, and what is in a schema of its own.
func (p *Project) Relations(database string, names []string) []Relation {
	if p.source == nil {
		return nil
	}
	wanted := make(map[string]bool)
	for _, name := range names {
		wanted[strings.ToLower(name)] = true
	}
	var found []Relation
	for _, s := range p.schemas(wanted, func(file string) bool { return NamesOther(path.Dir(file), database) }) {
		for name, r := range s {
			if r.Kind != "type" && (names == nil || wanted[name]) {
				r.columns = s.resolved(r.columns)
				found = append(found, r)
			}
		}
	}
	for _, r := range p.source.allModels() {
		if names == nil || wanted[strings.ToLower(r.Name)] {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Relation) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(found, func(a, b Relation) bool { return a.Name == b.Name && a.Kind == b.Kind && a.Pos == b.Pos })
}

// NamesOther reports whether a directory is named after a database, but not that one.
func NamesOther(dir, database string) bool {
	for name := range strings.SplitSeq(dir, "/") {
		for _, d := range answers.Databases {
			if slices.Contains(d.Names, strings.ToLower(name)) {
				return d.Name != database
			}
		}
	}
	return false
}

// schemas returns the schemas that the SQL of the application makes: one for each
// directory of migrations, and one for each other file. A file that mentions none of the
// wanted names, if there are some, is left out, since it cannot create or drop one of them.
func (p *Project) schemas(wanted map[string]bool, skip func(file string) bool) []schema {
	mentions := func(text []byte) bool {
		if len(wanted) == 0 {
			return true
		}
		text = bytes.ToLower(text)
		for name := range wanted {
			if bytes.Contains(text, []byte(name)) {
				return true
			}
		}
		return false
	}
	migrations := make(map[string][]string) // by directory
	apply := make(map[string]func(schema))  // by file
	var schemas []schema
	add := func(file string, to func(schema)) {
		if number := numberOf(path.Base(file)); number != "" {
			migrations[path.Dir(file)] = append(migrations[path.Dir(file)], file)
			apply[file] = to
			return
		}
		s := make(schema)
		to(s)
		schemas = append(schemas, s)
	}
	for _, file := range slices.Sorted(maps.Keys(p.sql)) {
		if !apart(file) && !skip(file) && mentions(p.sql[file]) {
			add(file, func(s schema) {
				up := upOf(file, string(p.sql[file]))
				if path.Ext(file) == ".sql" {
					s.apply(up, file, 1)
				} else {
					s.applyBlocks(up, file)
				}
			})
		}
	}
	for _, f := range p.source.app {
		if !skip(f.name) && f.mentions(sqlVerbs...) && mentions(f.src) && p.source.parse(f) {
			add(f.name, func(s schema) { p.source.applyTexts(s, f) })
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(migrations)) {
		s := make(schema)
		slices.SortFunc(migrations[dir], func(a, b string) int {
			return cmp.Or(compareNumbers(numberOf(path.Base(a)), numberOf(path.Base(b))), cmp.Compare(a, b))
		})
		for _, file := range migrations[dir] {
			apply[file](s)
		}
		schemas = append(schemas, s)
	}
	return schemas
}

// numberOf returns the number of a migration of any tool, such as 3 for V3__users.sql, "" if
// the name has none.
func numberOf(name string) string {
	name = strings.TrimLeft(name, "VvRU")
	n := strings.IndexFunc(name, func(c rune) bool { return c < '0' || c > '9' })
	if n <= 0 || !strings.ContainsRune("_.-", rune(name[n])) {
		return ""
	}
	return name[:n]
}

// upOf returns the way up of a migration, with an empty line for each line of the way down.
func upOf(file, text string) string {
	name := strings.TrimSuffix(strings.ToLower(path.Base(file)), path.Ext(file))
	if strings.HasSuffix(name, ".down") || strings.HasSuffix(name, "_down") || name == "down" {
		return ""
	}
	var up strings.Builder
	down := false
	for line := range strings.Lines(text) {
		comment := strings.TrimSpace(line)
		switch {
		case begins(comment, answers.UpLines()):
			down = false
		case begins(comment, answers.DownLines()):
			down = true
		}
		if down {
			line = "\n"
		}
		up.WriteString(line)
	}
	return up.String()
}

func begins(line string, with []string) bool {
	return slices.ContainsFunc(with, func(beginning string) bool { return strings.HasPrefix(line, beginning) })
}

// applyTexts applies the SQL in the strings of a file. In a file that is not a migration,
// what is dropped if it exists is dropped before it is created, as for tests.
func (s *source) applyTexts(to schema, f *file) {
	down := downIn(f)
	numbered := numberOf(path.Base(f.name)) != ""
	for _, lit := range f.texts {
		text, err := strconv.Unquote(lit.Value)
		if err != nil || !strings.Contains(text, " ") || slices.ContainsFunc(down, func(n ast.Node) bool { return n.Pos() <= lit.Pos() && lit.End() <= n.End() }) {
			continue
		}
		pos := s.position(lit.Pos())
		for _, words := range sqlStatements(text) {
			p := sqlParser{words: words}
			if !numbered && p.take("drop") && len(p.words) > 1 && p.words[1].is("if") {
				continue
			}
			to.statement(words, func(w word) Position { return Position{pos.File, pos.Line + w.line - 1} })
		}
	}
}

// downIn returns the functions of a file that undo a migration.
func downIn(f *file) []ast.Node {
	undoes := func(name string) bool {
		name = strings.ToLower(name)
		return strings.Contains(name, "down") || strings.Contains(name, "rollback") || strings.Contains(name, "revert")
	}
	var down []ast.Node
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if undoes(n.Name.Name) {
				down = append(down, n)
			}
		case *ast.KeyValueExpr:
			if undoes(nameOf(n.Key)) {
				down = append(down, n.Value)
			}
		case *ast.CallExpr: // Register(up, down)
			last := len(n.Args) - 1
			if last < 1 {
				break
			}
			_, up := n.Args[last-1].(*ast.FuncLit)
			if _, ok := n.Args[last].(*ast.FuncLit); ok && up {
				down = append(down, n.Args[last])
			}
		}
		return true
	})
	return down
}

// sqlVerbs are what SQL in Go code that matters here mentions.
var sqlVerbs = []string{"CREATE ", "create ", "Create ", "DROP ", "drop ", "Drop ", "RENAME ", "rename ", "Rename "}

// readSQL reads the SQL files of the module.
func (s *scan) readSQL() map[string][]byte {
	texts := make(map[string][]byte)
	size := int64(0)
	for _, name := range s.sql {
		info, err := fs.Stat(s.fsys, name)
		if err != nil || info.Size() > largestSQL || size+info.Size() > 8*largestSQL {
			continue
		}
		size += info.Size()
		if text, err := fs.ReadFile(s.fsys, name); err == nil {
			texts[name] = text
		}
	}
	return texts
}

// sqlEnds are how the names of SQL files end, and of others that say what tables there are.
var sqlEnds = []string{".sql", ".fizz", ".hcl"}

// largestSQL is the size of the largest SQL file that is looked at, and an eighth of that of
// all together. Larger ones hold data.
const largestSQL = 8 << 20
