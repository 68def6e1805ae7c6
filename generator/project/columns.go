package project

import (
	"cmp"
	"slices"
	"strings"
)

// A Column is a column of a table of the application, as far as the source tells.
type Column struct {
	Name   string
	Pos    Position
	Type   string // in SQL, in lower case and with its length, such as varchar(26); empty if it is unknown
	Key    bool   // whether it is the primary key, or a part of it
	Null   bool   // whether it may be NULL
	Filled bool   // whether a new row that says nothing of it gets a value, as by a default
	Unique bool   // whether no two rows have the same value
	Folds  bool   // whether texts that differ only in case are equal

	kind      string            // of value, as in answers.ColumnTypes, if an ORM chooses the type
	declared  map[string]string // types by the database, of a model that gives several
	collation string            // or the character set, in lower case
	bare      bool              // whether the name is not in quotes
	values    []string          // the only ones, if there are such
	usual     string            // the default, if it is a text
	refers    bool              // whether it refers to another table
}

// without returns the columns that do not have a name.
func without(columns []Column, name string) []Column {
	return slices.DeleteFunc(columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
}

// replaced returns the columns with another one in place of that of a name, whose keys stay,
// or at the end.
func replaced(columns []Column, name string, c Column) []Column {
	i := slices.IndexFunc(columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
	if i < 0 {
		return append(columns, c)
	}
	c.Key, c.Unique = c.Key || columns[i].Key, c.Unique || columns[i].Unique
	c.Null = c.Null && !c.Key
	columns[i] = c
	return columns
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

// inside takes what is up to a parenthesis that closes another one before it.
func (p *sqlParser) inside() []word { return slices.Concat(p.items()...) }

// stringsIn returns the strings among words.
func stringsIn(words []word) []string {
	var texts []string
	for _, w := range words {
		if w.text == "'" && !w.quoted {
			texts = append(texts, w.value)
		}
	}
	return texts
}

// columns takes the columns of a table that is created, and reports whether it has those of
// another table as well.
func (p *sqlParser) columns() (columns []Column, partial bool) {
	for _, item := range p.items() {
		q := sqlParser{item, p.at}
		if q.constraint() {
			partial = partial || q.words[0].is("like")
			q.constrain(columns)
			continue
		}
		if c, ok := q.column(); ok {
			columns = append(columns, c)
		}
	}
	// The rest of the statement may have a collation for all columns.
	all := Column{}
	for len(p.words) > 0 {
		partial = p.take("inherits") || partial
		p.attribute(&all)
	}
	for i, c := range columns {
		columns[i].collation = cmp.Or(c.collation, all.collation)
	}
	return columns, partial
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

// constrain applies a constraint to the columns of its table.
func (p *sqlParser) constrain(columns []Column) {
	if p.take("constraint") && len(p.words) > 0 && !slices.ContainsFunc(constraints, p.words[0].is) {
		p.next() // its name
	}
	switch {
	case p.take("primary", "key"):
		for _, i := range p.indexed(columns) {
			columns[i].Key, columns[i].Null = true, false
		}
	case p.take("unique"):
		if indexed := p.indexed(columns); len(indexed) == 1 {
			columns[indexed[0]].Unique = true
		}
	case p.take("foreign", "key"):
		for _, i := range p.indexed(columns) {
			columns[i].refers = true
		}
	case p.take("check", "("):
		words := p.inside()
		for i := range columns {
			columns[i].check(words)
		}
	}
}

// indexed takes a list of columns in parentheses, and returns where they are. An item may be
// an expression, such as lower(email).
func (p *sqlParser) indexed(columns []Column) []int {
	for len(p.words) > 0 && !p.words[0].is("(") {
		p.next()
	}
	p.next()
	var found []int
	for _, item := range p.items() {
		i := -1
		for _, w := range item {
			if i = slices.IndexFunc(columns, func(c Column) bool { return w.isName() && strings.EqualFold(c.Name, w.text) }); i >= 0 {
				break
			}
		}
		if i < 0 {
			return nil
		}
		found = append(found, i)
	}
	return found
}

// check applies the condition of a constraint, such as role IN ('admin', 'member').
func (c *Column) check(words []word) {
	has := func(is func(word) bool) bool { return slices.ContainsFunc(words, is) }
	if has(func(w word) bool { return w.isName() && strings.EqualFold(w.text, c.Name) }) &&
		has(func(w word) bool { return w.is("in") || w.is("any") }) {
		if texts := stringsIn(words); texts != nil {
			c.values = texts
		}
	}
}

// column takes the definition of a column.
func (p *sqlParser) column() (Column, bool) {
	name := p.next()
	if !name.isName() {
		return Column{}, false
	}
	c := Column{Name: name.text, bare: !name.quoted, Pos: p.at(name), Null: true}
	c.Type, c.values = p.columnType()
	for len(p.words) > 0 {
		p.attribute(&c)
	}
	return c, true
}

// attributes are what comes after the type of a column.
var attributes = []string{
	"not", "null", "default", "primary", "unique", "references", "check", "constraint", "collate", "generated", "auto_increment",
	"autoincrement", "identity", "comment", "on", "key", "charset", "as", "stored", "virtual", "visible", "invisible", "storage",
	"compression", "deferrable", "using", "first", "after",
}

// columnType takes a type, without the schema that it is in and without the size of a number,
// and the values of an enumeration.
func (p *sqlParser) columnType() (name string, values []string) {
	for len(p.words) > 0 {
		switch w := p.words[0]; {
		case p.take("("):
			var sizes []string
			for _, item := range p.items() {
				values = append(values, stringsIn(item)...)
				if len(item) > 0 {
					sizes = append(sizes, strings.ToLower(item[0].text))
				}
			}
			if values == nil {
				name += "(" + strings.Join(sizes, ",") + ")"
			}
		case p.take("."):
			name = ""
		case w.text == "[" || w.text == "]":
			p.next()
			name += w.text
		case w.text == "'", slices.ContainsFunc(attributes, w.is), w.is("character") && len(p.words) > 1 && p.words[1].is("set"), !w.isName() && name == "":
			return plainType(name), values
		case p.take("signed"), p.take("zerofill"):
		default:
			p.next()
			name = strings.TrimPrefix(name+" "+strings.ToLower(w.text), " ")
		}
	}
	return plainType(name), values
}

// attribute takes something that is said of a column after its type.
func (p *sqlParser) attribute(c *Column) {
	switch {
	case p.take("not", "null"):
		c.Null = false
	case p.take("null"):
		c.Null = true
	case p.take("primary", "key"):
		c.Key, c.Null = true, false
	case p.take("unique"):
		c.Unique = true
	case p.take("default"):
		p.defaultValue(c)
	case p.take("generated"), p.take("auto_increment"), p.take("autoincrement"), p.take("identity"):
		c.Filled = true
	case p.take("collate"):
		p.take("=")
		c.collation = strings.ToLower(p.next().text)
		if p.take(".") {
			c.collation = strings.ToLower(p.next().text)
		}
	case p.take("charset"), p.take("character", "set"):
		p.take("=")
		c.collation = cmp.Or(c.collation, strings.ToLower(p.next().text))
	case p.take("check", "("):
		c.check(p.inside())
	case p.take("references"):
		c.refers = true
	case p.take("set"), p.take("constraint"): // ON DELETE SET NULL, and a name
		p.next()
	case p.take("("):
		p.inside()
	default:
		p.next()
	}
}

// defaultValue takes a default.
func (p *sqlParser) defaultValue(c *Column) {
	w := p.next()
	if w.is("(") {
		p.inside()
	}
	c.Filled, c.usual = !w.is("null"), w.value
}

// alter applies an action of ALTER TABLE to columns.
func (p *sqlParser) alter(columns []Column) []Column {
	switch {
	case p.take("add"):
		p.take("column")
		p.take("if", "not", "exists")
		if p.take("(") { // several in MySQL and Oracle
			added, _ := p.columns()
			return append(columns, added...)
		}
		if p.constraint() {
			p.constrain(columns)
			return columns
		}
		if c, ok := p.column(); ok {
			return append(without(columns, c.Name), c)
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
			return replaced(columns, from.text, c)
		}
	case p.take("modify"):
		p.take("column")
		if c, ok := p.column(); ok {
			return replaced(columns, c.Name, c)
		}
	case p.take("alter"):
		p.take("column")
		name := p.next()
		if i := slices.IndexFunc(columns, func(c Column) bool { return strings.EqualFold(c.Name, name.text) }); i >= 0 {
			p.alterColumn(&columns[i])
		}
	}
	return columns
}

// alterColumn applies what comes after ALTER COLUMN and a name.
func (p *sqlParser) alterColumn(c *Column) {
	switch {
	case p.take("set", "not", "null"):
		c.Null = false
	case p.take("drop", "not", "null"):
		c.Null = true
	case p.take("set", "default"):
		p.defaultValue(c)
	case p.take("drop", "default"):
		c.Filled, c.usual = false, ""
	case p.take("add", "generated"):
		c.Filled = true
	case p.take("type"), p.take("set", "data", "type"):
		c.Type, c.values = p.columnType()
		for len(p.words) > 0 && !p.words[0].is("using") {
			p.attribute(c)
		}
	}
}

// renamed returns the columns with another name for one.
func renamed(columns []Column, from, to string) []Column {
	for i, c := range columns {
		if strings.EqualFold(c.Name, from) {
			columns[i].Name = to
		}
	}
	return columns
}
