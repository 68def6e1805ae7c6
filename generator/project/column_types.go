package project

import (
	"regexp"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A class is what the values of a column are.
type class string

const (
	texts   class = "text"
	numbers class = "number"
	truths  class = "bool"
	times   class = "time"
	uuids   class = "UUID"
	binary  class = "bytes"
)

// classes are the classes of types, without a size and without what follows.
var classes = map[string]class{
	"text": texts, "varchar": texts, "char": texts, "citext": texts, "tinytext": texts, "mediumtext": texts, "longtext": texts,
	"nvarchar": texts, "nchar": texts, "bpchar": texts, "name": texts, "enum": texts, "clob": texts, "string": texts,
	"int": numbers, "integer": numbers, "bigint": numbers, "smallint": numbers, "tinyint": numbers, "mediumint": numbers,
	"int2": numbers, "int4": numbers, "int8": numbers, "numeric": numbers, "decimal": numbers, "number": numbers,
	"real": numbers, "float": numbers, "float4": numbers, "float8": numbers, "double": numbers,
	"bool": truths, "boolean": truths, "bit": truths,
	"timestamp": times, "timestamptz": times, "datetime": times, "date": times,
	"uuid": uuids,
	"blob": binary, "binary": binary, "varbinary": binary, "bytea": binary, "tinyblob": binary, "mediumblob": binary, "longblob": binary,
}

// class returns what the values of the column are, "" if it is unknown.
func (c Column) class() class {
	switch {
	case strings.HasSuffix(c.Type, "]"):
		return "" // an array
	case c.Type == "tinyint(1)":
		return truths
	case len(c.values) > 0:
		return texts
	}
	name, _, _ := strings.Cut(c.Type, "(")
	name, _, _ = strings.Cut(name, " ")
	return classes[name]
}

// otherNames are names of types and the usual ones.
var otherNames = strings.NewReplacer("character varying", "varchar", "character(", "char(")

// displayWidth matches the size of a whole number, which says only how wide it is shown.
var displayWidth = regexp.MustCompile(`^((?:small|medium|big)?int(?:eger)?)\([0-9]+\)`)

// plainType returns a type in lower case as it is usually written.
func plainType(name string) string {
	if name == "character" {
		return "char"
	}
	return displayWidth.ReplaceAllString(otherNames.Replace(name), "$1")
}

// in returns the column as it is in a database.
func (c Column) in(d answers.Database) Column {
	types := d.Types
	if c.bare && types.LowersNames {
		c.Name = strings.ToLower(c.Name)
	}
	if declared := c.declared[d.Name]; declared != "" {
		c.Type = declared
	}
	if c.Type == "" && c.kind != "" {
		c.Type = types.Models[c.kind]
	}
	if plain, ok := types.Serials[c.Type]; ok {
		c.Type, c.Null, c.Filled = plain, false, true
	}
	if c.Key && types.RowID != "" && c.Type == types.RowID {
		c.Filled = true
	}
	if c.class() == texts {
		c.Folds = c.Type == "citext" || c.collation == "nocase" ||
			types.FoldsCase && !strings.HasSuffix(c.collation, "_bin") && !strings.HasSuffix(c.collation, "_cs") && c.collation != "binary"
	}
	return c
}
