package project

import (
	"slices"
	"strings"
)

// A column is a column of a table.
type column struct {
	name string
	kind string // of its values, as in a schema but in lower case and without a size
	key  bool   // whether it is the primary key
}

// without returns the columns that do not have a name.
func without(columns []column, name string) []column {
	return slices.DeleteFunc(columns, func(c column) bool { return strings.EqualFold(c.name, name) })
}

// next takes a word, which is empty at the end.
func (p *sqlParser) next() word {
	if len(p.words) == 0 {
		return word{}
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

// items takes what is separated by commas, up to the end or a parenthesis that closes
// another one before it.
func (p *sqlParser) items() [][]word {
	var all [][]word
	var item []word
	depth := 0
	for len(p.words) > 0 {
		w := p.next()
		if !w.quoted {
			switch w.text {
			case "(":
				depth++
			case ")":
				depth--
			}
		}
		switch {
		case depth < 0:
			return append(all, item)
		case depth == 0 && w.text == "," && !w.quoted:
			all, item = append(all, item), nil
		default:
			item = append(item, w)
		}
	}
	return append(all, item)
}

// columns takes the columns of a table that is created.
func (p *sqlParser) columns() []column {
	var columns []column
	for _, item := range p.items() {
		q := sqlParser{item}
		if q.constraint() {
			for i, c := range columns {
				columns[i].key = c.key || slices.ContainsFunc(q.keys(), func(name string) bool { return strings.EqualFold(c.name, name) })
			}
			continue
		}
		if c, ok := q.column(); ok {
			columns = append(columns, c)
		}
	}
	return columns
}

// constraints are how parts of a table begin that are no columns.
var constraints = []string{"constraint", "primary", "unique", "foreign", "check", "exclude", "fulltext", "spatial", "like", "period"}

// constraint reports whether a part of a table is not a column.
func (p *sqlParser) constraint() bool {
	if len(p.words) == 0 || p.words[0].quoted {
		return false
	}
	if slices.ContainsFunc(constraints, p.words[0].is) {
		return true
	}
	// An index may have a name.
	return (p.words[0].is("key") || p.words[0].is("index")) &&
		(len(p.words) > 1 && p.words[1].is("(") || len(p.words) > 2 && p.words[2].is("("))
}

// keys returns the columns of the primary key that a part of a table names.
func (p sqlParser) keys() []string {
	for len(p.words) > 0 && !p.take("primary", "key") {
		p.words = p.words[1:]
	}
	var names []string
	for len(p.words) > 0 {
		if w := p.next(); w.isName() {
			names = append(names, w.text)
		} else if w.is(")") {
			break
		}
	}
	return names
}

// column takes the definition of a column.
func (p *sqlParser) column() (column, bool) {
	name := p.next()
	if !name.isName() {
		return column{}, false
	}
	c := column{name: name.text, kind: strings.ToLower(p.next().text)}
	if p.take(".") { // the type is in a schema of its own
		c.kind = strings.ToLower(p.next().text)
	}
	for ; len(p.words) > 0; p.words = p.words[1:] {
		if q := *p; q.take("primary", "key") {
			c.key = true
		}
	}
	return c, true
}

// alter applies an action of ALTER TABLE to columns.
func (p *sqlParser) alter(columns []column) []column {
	switch {
	case p.take("add"):
		p.take("column")
		p.take("if", "not", "exists")
		if p.take("(") { // several in MySQL and Oracle
			return append(columns, p.columns()...)
		}
		if p.constraint() {
			return columns
		}
		if c, ok := p.column(); ok {
			return append(without(columns, c.name), c)
		}
	case p.take("drop"):
		p.take("column")
		p.take("if", "exists")
		return without(columns, p.next().text)
	case p.take("rename"):
		p.take("column")
		from := p.next()
		if p.take("to") {
			return renamed(columns, from.text, p.next().text)
		}
	case p.take("change"):
		p.take("column")
		from := p.next()
		if c, ok := p.column(); ok {
			return append(without(columns, from.text), c)
		}
	}
	return columns
}

// renamed returns the columns with another name for one.
func renamed(columns []column, from, to string) []column {
	for i, c := range columns {
		if strings.EqualFold(c.name, from) {
			columns[i].name = to
		}
	}
	return columns
}

// blockColumns returns the columns of a table that is a block. The words begin after the
// name of the table.
func blockColumns(words []word) []column {
	p := sqlParser{words}
	var columns []column
	for depth := 0; len(p.words) > 0; {
		switch {
		case p.take("t", ".", "column", "("):
			columns = append(columns, fizzColumn(&p)...)
			continue
		case depth == 1 && p.take("column") && len(p.words) > 1 && p.words[0].quoted:
			c := column{name: p.next().text}
			for len(p.words) > 0 && !p.words[0].is("}") {
				if p.take("type", "=") {
					c.kind = strings.ToLower(p.next().text)
					continue
				}
				p.next()
			}
			p.next()
			columns = append(columns, c)
			continue
		case p.take("primary_key", "{"):
			for len(p.words) > 0 && !p.words[0].is("}") {
				// The list of columns is in brackets, as a quoted name is.
				for name := range strings.SplitSeq(p.next().text, ",") {
					for i, c := range columns {
						columns[i].key = c.key || strings.EqualFold("column."+c.name, strings.TrimSpace(name))
					}
				}
			}
			p.next()
			continue
		}
		switch w := p.next(); {
		case w.is("{"):
			depth++
		case w.is("}"):
			if depth--; depth == 0 {
				return columns
			}
		}
	}
	return columns
}

// fizzColumn takes the name and the type of a column of pop, and its options.
func fizzColumn(p *sqlParser) []column {
	name := p.next()
	if !p.take(",") || !name.quoted {
		return nil
	}
	c := column{name: name.text, kind: strings.ToLower(p.next().text)}
	for len(p.words) > 0 && !p.words[0].is(")") {
		c.key = c.key || p.take("primary", ":", "true")
		p.next()
	}
	return []column{c}
}
