package project

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestUsersTables loads each module tree in testdata/users, and compares the tables of users
// that it has with the file "want" in the archive.
func TestUsersTables(t *testing.T) {
	archives, err := filepath.Glob("testdata/users/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			if i < 0 {
				t.Fatal(`no file "want"`)
			}
			want := string(archive.Files[i].Data)
			p, err := Load(writeTree(t, slices.Delete(slices.Clone(archive.Files), i, i+1)))
			if err != nil {
				t.Fatal(err)
			}
			got := usersOf(p)
			if *update {
				archive.Files[i].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", name, diff)
			}
		})
	}
}

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
