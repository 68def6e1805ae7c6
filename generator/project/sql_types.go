package project

import (
	"cmp"
	"slices"
	"strings"
)

// typeKey is what a type that the application makes is called in a schema, where its name may
// be that of a table.
func typeKey(name string) string { return "type " + strings.ToLower(name) }

// values returns the values of a type.
func (r Relation) values() []string {
	if len(r.columns) == 0 {
		return nil
	}
	return r.columns[0].values
}

// createType adds a type: an enumeration, or one with a name for another.
func (s schema) createType(p *sqlParser) {
	name, ok := p.name()
	if !ok || !p.take("as") {
		return
	}
	if p.take("enum", "(") {
		s.addType(name, Column{values: stringsIn(p.inside())})
		return
	}
	var c Column
	c.Type, c.values = p.columnType()
	for len(p.words) > 0 {
		p.attribute(&c)
	}
	s.addType(name, c)
}

func (s schema) addType(name word, c Column) {
	s[typeKey(name.text)] = Relation{Name: name.text, Kind: "type", columns: []Column{c}}
}

// resolved returns the columns of a table with what the schema says of their types.
func (s schema) resolved(columns []Column) []Column {
	columns = slices.Clone(columns)
	for i := range columns {
		c := &columns[i]
		t, ok := s[typeKey(c.Type)]
		if !ok || len(t.columns) == 0 {
			continue
		}
		if of := t.columns[0]; of.Type != "" {
			c.Type, c.collation = of.Type, cmp.Or(c.collation, of.collation)
		}
		if c.values == nil {
			c.values = t.values()
		}
	}
	return columns
}

// afterTable is what comes after the name of a new table.
var afterTable = []string{"(", "as", "like", "partition", "using", "of"}

// sqlParser takes words from the beginning of a statement.
type sqlParser struct {
	words []word
	at    func(word) Position
}
