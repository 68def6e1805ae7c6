package project

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestUsersTables loads each module tree in testdata/users, and compares the tables of users
// that it has with the file "want" in the archive.
func TestUsersTables(t *testing.T) { compareWanted(t, "testdata/users/*.txtar", usersOf) }

// usersOf returns the tables of users of a project, and the columns of all its tables.
func usersOf(p *Project) string {
	var b strings.Builder
	database, _ := p.Database()
	for _, table := range p.UsersTables(database) {
		fmt.Fprintf(&b, "users %s: %s\n", table.Name, table.Pos)
		v := reflect.ValueOf(table)
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "Name" && v.Field(i).Kind() == reflect.String && v.Field(i).String() != "" {
				fmt.Fprintf(&b, "  %s: %s\n", strings.ToLower(name), v.Field(i))
			}
		}
	}
	for _, r := range p.Relations(database, nil) {
		fmt.Fprintf(&b, "%s %s:", r.Kind, r.Name)
		for _, c := range r.columns {
			key := ""
			if c.key {
				key = " key"
			}
			fmt.Fprintf(&b, " %s(%s%s)", c.name, c.kind, key)
		}
		b.WriteString("\n")
	}
	return b.String()
}
