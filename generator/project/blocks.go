package project

import (
	"slices"
	"strings"
)

// block takes what is between braces, and returns the parser of it.
func (p *sqlParser) block() *sqlParser {
	inside := &sqlParser{at: p.at}
	for len(p.words) > 0 && !p.take("{") {
		p.next()
	}
	for depth := 1; len(p.words) > 0; {
		w := p.next()
		if w.is("{") {
			depth++
		}
		if w.is("}") {
			depth--
		}
		if depth == 0 {
			break
		}
		inside.words = append(inside.words, w)
	}
	return inside
}

// blockColumns takes the columns of a table that is a block. The words begin after the name
// of the table.
func (p *sqlParser) blockColumns() []Column {
	var columns []Column
	for q := p.block(); len(q.words) > 0; {
		switch {
		case q.take("t", ".", "column", "("):
			columns = append(columns, q.fizzColumn()...)
		case q.take("t", ".", "timestamps", "("):
			for _, name := range []string{"created_at", "updated_at"} {
				columns = append(columns, Column{Name: name, Pos: q.at(q.words[0]), kind: "time"})
			}
		case q.take("column"):
			columns = append(columns, q.hclColumn())
		case q.take("primary_key"):
			for _, i := range q.block().hclIndexed(columns) {
				columns[i].Key = true
			}
		case q.take("index"):
			q.next()
			b := q.block()
			if indexed := b.hclIndexed(columns); len(indexed) == 1 && b.has("unique", "=", "true") && !b.has("where", "=") {
				columns[indexed[0]].Unique = true
			}
		default:
			q.next()
		}
	}
	return columns
}

// has reports whether there are these words somewhere.
func (p *sqlParser) has(words ...string) bool {
	for q := *p; len(q.words) > 0; q.words = q.words[1:] {
		if r := q; r.take(words...) {
			return true
		}
	}
	return false
}

// hclIndexed returns where the columns are that a block lists, nil if it has another one.
func (p *sqlParser) hclIndexed(columns []Column) []int {
	var found []int
	for q := *p; len(q.words) > 0; q.next() {
		if !q.take("columns", "=") || len(q.words) == 0 {
			continue
		}
		// The list of columns is in brackets, as a quoted name is.
		for name := range strings.SplitSeq(q.words[0].text, ",") {
			i := slices.IndexFunc(columns, func(c Column) bool { return strings.EqualFold("column."+c.Name, strings.TrimSpace(name)) })
			if i < 0 {
				return nil
			}
			found = append(found, i)
		}
	}
	return found
}

// hclColumn takes a column of a schema of Atlas, which is not NULL unless it says so.
func (p *sqlParser) hclColumn() Column {
	name := p.next()
	c := Column{Name: name.text, Pos: p.at(name)}
	unsigned := false
	for q := p.block(); len(q.words) > 0; {
		switch {
		case q.take("type", "="):
			q.hclType(&c)
		case q.take("null", "="):
			c.Null = q.next().is("true")
		case q.take("unsigned", "="):
			unsigned = q.next().is("true")
		case q.take("auto_increment", "="):
			c.Filled = q.next().is("true")
		case q.take("identity"), q.take("as"):
			c.Filled = true
		case q.take("collate", "="), q.take("charset", "="):
			c.collation = strings.ToLower(q.next().text)
		case q.take("default", "="):
			w := q.next()
			if c.Filled = !w.is("null"); w.quoted {
				c.usual = w.text
			}
		default:
			q.next()
		}
	}
	if unsigned {
		c.Type += " unsigned"
	}
	return c
}

// hclType takes a type, such as varchar(26), enum.role or sql("citext").
func (p *sqlParser) hclType(c *Column) {
	c.Type = strings.ToLower(p.next().text)
	if p.take(".") {
		c.Type = strings.ToLower(p.next().text)
	}
	if !p.take("(") {
		return
	}
	inside := p.inside()
	switch quoted := slices.IndexFunc(inside, func(w word) bool { return w.quoted }); {
	case quoted < 0:
		c.Type += "("
		for _, w := range inside {
			c.Type += w.text
		}
		c.Type = plainType(c.Type + ")")
	case c.Type == "enum":
		c.values = quotedIn(inside)
	default: // SQL
		c.retype(inside[quoted].text)
	}
}

// enumBlock takes the values of an enumeration of Atlas.
func (p *sqlParser) enumBlock() []string {
	for q := p.block(); len(q.words) > 0; {
		if q.take("values", "=") {
			return quotedIn(q.words)
		}
		q.next()
	}
	return nil
}

// quotedIn returns what is in quotes among words.
func quotedIn(words []word) []string {
	var texts []string
	for _, w := range words {
		if w.quoted {
			texts = append(texts, w.text)
		}
	}
	return texts
}

// retype applies the text of a type, after which there may be more about the column.
func (c *Column) retype(text string) {
	p := sqlParser{words: sqlStatements(text)[0]}
	c.Type, c.values = p.columnType()
	for len(p.words) > 0 {
		p.attribute(c)
	}
}

// fizzTypes are the kinds of value, as in answers.ColumnTypes, that types of fizz are for.
var fizzTypes = map[string]string{
	"string": "string", "uuid": "uuid", "bool": "bool", "boolean": "bool", "timestamp": "time", "datetime": "time",
	"int": "int32", "integer": "int32", "bigint": "int64", "blob": "bytes", "json": "json", "float": "float",
}

// fizzColumn takes the name and the type of a column of pop, and its options.
func (p *sqlParser) fizzColumn() []Column {
	name := p.next()
	if !p.take(",") || !name.quoted {
		return nil
	}
	c := Column{Name: name.text, Pos: p.at(name), Type: strings.ToLower(p.next().text)} // not NULL unless it says so
	if c.kind = fizzTypes[c.Type]; c.kind != "" {
		c.Type = ""
	}
	size := ""
	for len(p.words) > 0 && !p.words[0].is(")") {
		switch option := p.next(); {
		case !p.take(":"):
		case option.text == "primary":
			c.Key = p.next().is("true")
		case option.text == "null":
			c.Null = p.next().is("true")
		case option.text == "size":
			size = p.next().text
		case option.text == "default", option.text == "default_raw":
			w := p.next()
			if c.Filled = !w.is("null") && !w.is("nil"); w.quoted {
				c.usual = w.text
			}
		}
	}
	if size != "" && c.kind == "string" {
		c.Type = "varchar(" + size + ")"
	}
	c.Filled = c.Filled || c.Key && strings.HasPrefix(c.kind, "int")
	return []Column{c}
}

// fizzIndex applies what comes after the name of the table of a new index.
func (p *sqlParser) fizzIndex(columns []Column) []Column {
	name := p.next()
	i := slices.IndexFunc(columns, func(c Column) bool { return name.quoted && strings.EqualFold(c.Name, name.text) })
	if i < 0 {
		return columns // it is of several
	}
	for len(p.words) > 0 && !p.take(")") {
		if w := p.next(); w.text == "unique" && p.take(":", "true") {
			columns[i].Unique = true
		}
	}
	return columns
}
