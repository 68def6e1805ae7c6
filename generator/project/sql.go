package project

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word is a token of SQL: a word, a quoted name, a string, or a sign. Comments are none.
type word struct {
	text   string // of a quoted name, what is between the quotes; of a string, only the quote
	value  string // of a string, what is between the quotes
	quoted bool   // whether it is a quoted name
	line   int    // from 1
}

// is reports whether a word is the keyword, in any case.
func (w word) is(keyword string) bool { return !w.quoted && strings.EqualFold(w.text, keyword) }

// isName reports whether a word can be the name of a table.
func (w word) isName() bool {
	c, _ := utf8.DecodeRuneInString(w.text)
	return w.quoted || c == '_' || unicode.IsLetter(c)
}

// sqlStatements splits SQL of any database into statements, without their semicolons. It
// understands the comments and the quotes of all databases that there are drivers for.
func sqlStatements(text string) [][]word {
	var all [][]word
	var statement []word
	l := sqlLexer{rest: text, line: 1}
	for {
		w, ok := l.next()
		switch {
		case !ok:
			return append(all, statement)
		case w.text == ";" && !w.quoted:
			all, statement = append(all, statement), nil
		default:
			statement = append(statement, w)
		}
	}
}

// sqlLexer splits SQL into words.
type sqlLexer struct {
	rest string
	line int
}

// skip drops the next n bytes, and returns them.
func (l *sqlLexer) skip(n int) string {
	n = min(n, len(l.rest))
	text := l.rest[:n]
	l.rest = l.rest[n:]
	l.line += strings.Count(text, "\n")
	return text
}

// skipPast drops everything up to the end of the next occurrence of a text, or the rest.
func (l *sqlLexer) skipPast(text string) {
	if i := strings.Index(l.rest, text); i >= 0 {
		l.skip(i + len(text))
	} else {
		l.skip(len(l.rest))
	}
}

// next returns the next word, false at the end.
func (l *sqlLexer) next() (word, bool) {
	for l.rest != "" {
		c, size := utf8.DecodeRuneInString(l.rest)
		switch {
		case unicode.IsSpace(c):
			l.skip(size)
		case strings.HasPrefix(l.rest, "--"), c == '#' && !strings.HasPrefix(l.rest, "#>") && !strings.HasPrefix(l.rest, "#-"):
			l.skipPast("\n")
		case strings.HasPrefix(l.rest, "/*"):
			l.comment()
		case c == '\'':
			at := l.line
			return word{text: "'", value: l.quoted('\'', l.escapes()), line: at}, true
		case c == '"' || c == '`' || c == '[' && l.bracketed():
			at, closing := l.line, c
			if c == '[' {
				closing = ']'
			}
			return word{text: l.quoted(byte(closing), false), quoted: true, line: at}, true
		case c == '$' && l.dollar() != "":
			at := l.line
			tag := l.skip(len(l.dollar()))
			l.skipPast(tag)
			return word{text: "'", line: at}, true
		case c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c):
			n := strings.IndexFunc(l.rest, func(c rune) bool {
				return c != '_' && c != '$' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
			})
			if n < 0 {
				n = len(l.rest)
			}
			at := l.line
			return word{text: l.skip(n), line: at}, true
		default:
			at := l.line
			return word{text: l.skip(size), line: at}, true
		}
	}
	return word{}, false
}

// comment drops a comment, with those inside it.
func (l *sqlLexer) comment() {
	for depth := 0; l.rest != ""; {
		switch {
		case strings.HasPrefix(l.rest, "/*"):
			depth++
			l.skip(2)
		case strings.HasPrefix(l.rest, "*/"):
			depth--
			l.skip(2)
			if depth == 0 {
				return
			}
		default:
			l.skip(1)
		}
	}
}

// escapes reports whether a backslash in the next string escapes what follows. In standard
// SQL it does not, except in E'…'; in MySQL it does, where it nearly always is before a
// quote that does not end the string.
func (l *sqlLexer) escapes() bool {
	end := strings.IndexByte(l.rest[1:], '\'') + 1
	if end < 2 || l.rest[end-1] != '\\' {
		return false
	}
	// After the end of a string there is something that can follow one.
	after := strings.TrimLeft(l.rest[end+1:], " \t\r\n")
	return after != "" && !strings.ContainsRune(",;)|=:<>-+*/", rune(after[0]))
}

// quoted drops a string or a quoted name, and returns what is between the quotes. Two
// quotes stand for one.
func (l *sqlLexer) quoted(closing byte, escapes bool) string {
	l.skip(1)
	var text strings.Builder
	for l.rest != "" {
		c := l.rest[0]
		switch {
		case c == '\\' && escapes:
			text.WriteString(l.skip(2))
		case c == closing && strings.HasPrefix(l.rest[1:], string(closing)):
			text.WriteByte(closing)
			l.skip(2)
		case c == closing:
			l.skip(1)
			return text.String()
		default:
			text.WriteString(l.skip(1))
		}
	}
	return text.String()
}

// bracketed reports whether the next bracket begins a quoted name, and not the size of an
// array.
func (l *sqlLexer) bracketed() bool {
	name, _, ok := strings.Cut(l.rest[1:], "]")
	return ok && name != "" && (word{text: name}).isName() && !strings.Contains(name, "\n")
}

// dollar returns the tag, such as $body$, if a string in dollars is next, otherwise "".
func (l *sqlLexer) dollar() string {
	tag, _, ok := strings.Cut(l.rest[1:], "$")
	if !ok || strings.IndexFunc(tag, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) >= 0 ||
		tag != "" && unicode.IsDigit(rune(tag[0])) {
		return ""
	}
	return "$" + tag + "$"
}

// A schema is what statements have created and not dropped again, by the names in lower
// case.
type schema map[string]Relation

// A Relation is a table, a view or an index of the application, or what names one.
type Relation struct {
	Name string // as it is written there
	Kind string // "table", "view", "index" or "model"
	Pos  Position

	columns []Column // of a table or a model, as far as they are known
	partial bool     // whether there may be more
	bare    bool     // whether the name is not in quotes
}

// apply applies the statements of a text to the schema. The text begins on a line of a
// file.
func (s schema) apply(text, file string, line int) {
	for _, words := range sqlStatements(text) {
		s.statement(words, func(w word) Position { return Position{file, line + w.line - 1} })
	}
}

// applyBlocks applies a file in which tables are blocks: a migration in fizz, which is that
// of pop, or a schema in the HCL of Atlas.
func (s schema) applyBlocks(text, file string) {
	var code strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			line = "\n"
		}
		code.WriteString(line)
	}
	var words []word
	for _, statement := range sqlStatements(code.String()) {
		words = append(words, statement...)
	}
	at := func(w word) Position { return Position{file, w.line} }
	for len(words) > 0 {
		p := sqlParser{words, at}
		words = words[1:]
		switch {
		case p.take("create_table", "("):
			if name, ok := p.name(); ok {
				p.inside()
				s[strings.ToLower(name.text)] = Relation{Name: name.text, Kind: "table", Pos: at(name), columns: p.blockColumns()}
			}
		case p.take("table") && len(p.words) > 1 && p.words[0].quoted && p.words[1].is("{"):
			if name, ok := p.name(); ok {
				s[strings.ToLower(name.text)] = Relation{Name: name.text, Kind: "table", Pos: at(name), columns: p.blockColumns()}
			}
		case p.take("enum") && len(p.words) > 1 && p.words[0].quoted && p.words[1].is("{"):
			if name, ok := p.name(); ok {
				s.addType(name, Column{values: p.enumBlock()})
			}
		case p.take("add_column", "("):
			if name, ok := p.name(); ok && p.take(",") {
				s.change(name, func(columns []Column) []Column { return append(columns, p.fizzColumn()...) })
			}
		case p.take("change_column", "("):
			if name, ok := p.name(); ok && p.take(",") {
				s.change(name, func(columns []Column) []Column {
					for _, c := range p.fizzColumn() {
						columns = replaced(columns, c.Name, c)
					}
					return columns
				})
			}
		case p.take("rename_column", "("):
			if name, ok := p.name(); ok && p.take(",") {
				from := p.next()
				if p.take(",") {
					s.change(name, func(columns []Column) []Column { return renamed(columns, from.text, p.next().text) })
				}
			}
		case p.take("add_index", "("):
			if name, ok := p.name(); ok && p.take(",") {
				s.change(name, p.fizzIndex)
			}
		case p.take("drop_column", "("):
			if name, ok := p.name(); ok && p.take(",") {
				s.change(name, func(columns []Column) []Column { return without(columns, p.next().text) })
			}
		case p.take("drop_table", "("):
			if name, ok := p.name(); ok {
				delete(s, strings.ToLower(name.text))
			}
		case p.take("rename_table", "("):
			if from, ok := p.name(); ok && p.take(",") {
				s.rename(from, &p, at)
			}
		}
	}
}

// statement applies a statement.
func (s schema) statement(words []word, at func(word) Position) {
	p := sqlParser{words, at}
	switch {
	case p.take("create"):
		s.create(&p, at)
	case p.take("drop"):
		p.take("materialized")
		if !p.take("table") && !p.take("view") && !p.take("index") {
			return
		}
		p.take("concurrently")
		p.take("if", "exists")
		for {
			if name, ok := p.name(); ok {
				delete(s, strings.ToLower(name.text))
			}
			if !p.take(",") {
				return
			}
		}
	case p.take("alter", "type"):
		if name, ok := p.name(); ok && p.take("add", "value") {
			p.take("if", "not", "exists")
			t := s[typeKey(name.text)]
			t.columns = []Column{{values: append(slices.Clone(t.values()), p.next().value)}}
			s[typeKey(name.text)] = t
		}
	case p.take("alter"):
		p.take("materialized")
		if !p.take("table") && !p.take("view") && !p.take("index") {
			return
		}
		p.take("if", "exists")
		p.take("only")
		from, ok := p.name()
		if !ok {
			return
		}
		if p.take("set", "schema") {
			delete(s, strings.ToLower(from.text))
			return
		}
		for _, action := range p.items() { // MySQL renames among other changes
			p := sqlParser{action, at}
			if p.take("rename", "to") || p.take("rename", "as") {
				s.rename(from, &p, at)
				return
			}
			s.change(from, func(columns []Column) []Column { return p.alter(columns) })
		}
	case p.take("rename", "table"):
		for {
			from, ok := p.name()
			if !ok || !p.take("to") {
				return
			}
			s.rename(from, &p, at)
			if !p.take(",") {
				return
			}
		}
	}
}

// rename gives a relation the name that is next.
func (s schema) rename(from word, p *sqlParser, at func(word) Position) {
	to, ok := p.name()
	r, known := s[strings.ToLower(from.text)]
	if !ok {
		return
	}
	if !known {
		r.Kind = "table"
	}
	delete(s, strings.ToLower(from.text))
	r.Name, r.bare, r.Pos = to.text, !to.quoted, at(to)
	s[strings.ToLower(to.text)] = r
}

// change changes the columns of a table.
func (s schema) change(table word, do func([]Column) []Column) {
	name := strings.ToLower(table.text)
	if r, ok := s[name]; ok {
		r.columns = do(slices.Clone(r.columns))
		s[name] = r
	}
}

// create adds what a statement creates.
func (s schema) create(p *sqlParser, at func(word) Position) {
	p.take("or", "replace")
	if p.take("type") || p.take("domain") {
		s.createType(p)
		return
	}
	unique := false
	for _, adjective := range []string{"unlogged", "foreign", "virtual", "external", "unique", "fulltext", "spatial", "materialized", "recursive"} {
		// Tables that are temporary do not count.
		unique = p.take(adjective) && adjective == "unique" || unique
	}
	kind := ""
	for _, k := range []string{"table", "view", "index"} {
		if p.take(k) {
			kind = k
			break
		}
	}
	if kind == "" {
		return
	}
	p.take("concurrently")
	p.take("if", "not", "exists")
	name, ok := p.name()
	if ok && kind == "index" && unique {
		s.uniqueIndex(*p, name)
	}
	columns := *p
	if !ok || kind == "index" && name.is("on") || kind == "table" && !slices.ContainsFunc(afterTable, func(k string) bool { return p.take(k) }) {
		return
	}
	r := Relation{Name: name.text, bare: !name.quoted, Kind: kind, Pos: at(name)}
	if kind == "table" {
		r.partial = true
		if columns.take("(") {
			r.columns, r.partial = columns.columns()
		}
	}
	s[strings.ToLower(name.text)] = r
}

// uniqueIndex applies what comes after the name of a new index, no two entries of which are
// equal. The name is ON if it has none.
func (s schema) uniqueIndex(p sqlParser, name word) {
	if !name.is("on") && !p.take("on") {
		return
	}
	p.take("only")
	table, ok := p.name()
	if p.take("using") {
		p.next()
	}
	if !ok {
		return
	}
	s.change(table, func(columns []Column) []Column {
		indexed := p.indexed(columns)
		// An index of some of the rows leaves the others alone.
		if len(indexed) == 1 && !slices.ContainsFunc(p.words, func(w word) bool { return w.is("where") }) {
			columns[indexed[0]].Unique = true
		}
		return columns
	})
}

// take takes keywords, and reports whether they were next.
func (p *sqlParser) take(keywords ...string) bool {
	if len(p.words) < len(keywords) {
		return false
	}
	for i, k := range keywords {
		if !p.words[i].is(k) {
			return false
		}
	}
	p.words = p.words[len(keywords):]
	return true
}

// usualSchemas are the schemas that tables without one are in. A table of any other is
// another table.
var usualSchemas = []string{"public", "main", "dbo"}

// name takes the name of a table. It is not ok if there is none, or if it is in a schema of
// its own.
func (p *sqlParser) name() (word, bool) {
	var parts []word
	for len(p.words) > 0 && p.words[0].isName() {
		parts = append(parts, p.words[0])
		p.words = p.words[1:]
		if len(p.words) == 0 || p.words[0].text != "." {
			break
		}
		p.words = p.words[1:]
	}
	if len(parts) == 0 {
		return word{}, false
	}
	for _, qualifier := range parts[:len(parts)-1] {
		usual := false
		for _, name := range usualSchemas {
			usual = usual || strings.EqualFold(qualifier.text, name)
		}
		if !usual {
			return word{}, false
		}
	}
	return parts[len(parts)-1], true
}
