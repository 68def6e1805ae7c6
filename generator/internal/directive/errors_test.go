package directive

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestErrors(t *testing.T) {
	opts := Options{
		Tags:   map[string]bool{"a": true, "b": false},
		Values: map[string]string{"s": "text", "n": "5", "empty": ""},
	}
	tests := []struct {
		name string // its extension is that of the template
		in   string
		want []string // without the name of the file
	}{
		{"syntax.go", "package p\n\nvar = 1\n\nvar x = \"\n", []string{
			"3:5: expected 'IDENT', found '='",
			"5:9: string literal not terminated",
		}},
		{"carriage_return.go", "package p\n\n// a\rb\n", []string{
			"3:5: carriage return inside a line",
		}},

		// Verbs and expressions.
		{"unknown.go", "package p\n\n//authgen:else\n\n//authgen:\n\n//authgen:ifa\n", []string{
			`3:1: unknown directive "else": want if, end, value, as, class, unit or sql`,
			`5:1: unknown directive "": want if, end, value, as, class, unit or sql`,
			`7:1: unknown directive "ifa": want if, end, value, as, class, unit or sql`,
		}},
		{"expression.go", "package p\n\n//authgen:if\nvar x int\n\n//authgen:if a &&\nvar y int\n\n//authgen:if a // note\nvar z int\n", []string{
			"3:1: if needs an expression",
			"6:1: if a &&: unexpected end of expression",
			"9:1: if a // note: invalid syntax at /",
		}},
		{"name.go", "package p\n\n//authgen:if c\nvar x int\n\nfunc f() {\n\t//authgen:if a || d && !(c || d)\n\t//authgen:end\n}\n", []string{
			`3:1: if c: unknown name "c"`,
			`7:2: if a || d && !(c || d): unknown name "d", "c"`,
		}},

		// The header.
		{"glued.go", "//authgen:if a\npackage p\n", []string{
			"1:1: if is part of the package doc: leave a blank line below it",
		}},
		{"glued_doc.go", "// Package p is p.\n//\n//authgen:class once\npackage p\n", []string{
			"3:1: class is part of the package doc: leave a blank line below it",
		}},
		{"header.go", "//authgen:if c\n//authgen:as a/b.go\n//authgen:class mine\n//authgen:end\n\npackage p\n", []string{
			`1:1: if c: unknown name "c"`,
			`2:1: as needs one file name without a folder, not "a/b.go"`,
			`3:1: unknown class "mine": want one of generated, yours, once, migration`,
			"4:1: end outside of a function body or a composite literal: only regions there have an end",
		}},
		{"header_twice.go", "//authgen:if a\n//authgen:as a.go\n//authgen:class once\n//authgen:unit u.go\n\n//authgen:if a\n//authgen:as b.go\n//authgen:class once\n//authgen:unit v.go\n\npackage p\n", []string{
			"6:1: the file already has an if: join the two with &&",
			"7:1: the file is already emitted as a.go",
			"8:1: the file already has class once",
			"9:1: the file is already the unit test of u.go",
		}},
		{"as.go", "//authgen:as\n\npackage p\n", []string{
			`1:1: as needs one file name without a folder, not ""`,
		}},
		{"unit.go", "//authgen:unit ..\n\npackage p\n", []string{
			`1:1: unit needs one file name without a folder, not ".."`,
		}},
		{"below.go", "package p\n\n//authgen:as x.go\n//authgen:class once\n//authgen:unit x.go\nvar x int\n", []string{
			"3:1: as belongs above the package clause",
			"4:1: class belongs above the package clause",
			"5:1: unit belongs above the package clause",
		}},

		// Declarations.
		{"floating.go", "package p\n\n//authgen:if a\n\nvar x int\n\nfunc f(\n\t//authgen:if a\n\ty int,\n)\n\nvar z = map[string]int{}\n\n//authgen:end\n", []string{
			"3:1: if without anything to keep or remove: it belongs above the package clause, at the end of a doc comment, or inside a function body or a composite literal",
			"8:2: if without anything to keep or remove: it belongs above the package clause, at the end of a doc comment, or inside a function body or a composite literal",
			"14:1: end outside of a function body or a composite literal: only regions there have an end",
		}},
		{"last.go", "package p\n\n//authgen:if a\n// x is x.\nvar x int\n\n//authgen:if a\n//authgen:if b\nvar y int\n", []string{
			"3:1: if must be the last line of its doc comment",
			"7:1: if must be the last line of its doc comment",
		}},
		{"trailing.go", "package p\n\nvar x int //authgen:if a\n\nfunc f() {\n\tf() //authgen:if a\n\t/* */ //authgen:end\n}\n", []string{
			"3:11: if must stand alone on its line",
			"6:6: if must stand alone on its line",
			"7:8: end must stand alone on its line",
		}},
		{"shared.go", "package p\n\n//authgen:if a\nvar x int; var y int\n\ntype t struct {\n\t//authgen:if b\n\tA int; B int }\n", []string{
			"3:1: what follows if must have its own lines",
			"7:2: what follows if must have its own lines",
		}},

		// Regions.
		{"open.go", "package p\n\nfunc f() {\n\t//authgen:if a\n}\n\nfunc g() {\n\t//authgen:end\n}\n", []string{
			"4:2: if without end",
			"8:2: end without if",
		}},
		{"nested.go", "package p\n\nfunc f() {\n\t//authgen:if a\n\t//authgen:if b\n\t//authgen:end\n\t//authgen:end\n}\n", []string{
			"5:2: if inside the region that begins on line 4: regions do not nest",
		}},
		{"argument.go", "package p\n\nfunc f() {\n\t//authgen:if a\n\t//authgen:end a\n}\n", []string{
			"4:2: if without end",
			`5:2: end takes no argument, found "a"`,
		}},
		{"brackets.go", "package p\n\nfunc f() {\n\tif true {\n\t\t//authgen:if a\n\t}\n\t//authgen:end\n\t//authgen:if b\n\tfor {\n\t\t//authgen:end\n\t}\n\tif f() {\n\t\t//authgen:if a\n\t} else {\n\t\t//authgen:end\n\t}\n}\n", []string{
			"5:3: the region down to line 7 cuts through brackets: it must close what it opens",
			"8:2: the region down to line 10 cuts through brackets: it must close what it opens",
			"13:3: the region down to line 15 cuts through brackets: it must close what it opens",
		}},
		{"field.go", "package p\n\nfunc f() {\n\ttype t struct {\n\t\t//authgen:if a\n\t\tA int\n\t}\n}\n", []string{
			"5:3: if without end: inside a function body or a composite literal, an if in the doc comment of a field does not remove the field; enclose the field, or declare the type outside",
		}},

		// Values.
		{"value.go", "package p\n\nimport \"fmt\" //authgen:value s\n\n//authgen:value s\nvar x = \"a\" + \"b\" //authgen:value s\nvar y = x //authgen:value s\nvar z = 1.5 //authgen:value s\nvar n = 1 //authgen:value s\nvar m = 1 //authgen:value empty\nvar u = 1 //authgen:value k\nvar w = 1 //authgen:value\n", []string{
			"3:14: value s: an import path is not a value",
			"5:1: value s: the line must hold exactly one literal, not 0",
			"6:19: value s: the line must hold exactly one literal, not 2",
			"7:11: value s: the line must hold exactly one literal, not 0",
			"8:13: value s: the literal must be a string or an integer",
			`9:11: value s: "text" is not an integer`,
			`10:11: value empty: "" is not an integer`,
			"11:11: value k: unknown key",
			"12:11: value needs a key",
		}},

		// Imports.
		{"imports.go", "package p\n\nimport (\n\t\"math/go-rand/v2\"\n\t\"gopkg.in/yaml.v3\"\n\t\"example.com/go-foo\"\n\tok \"example.com/go-bar\"\n\t_ \"example.com/go-baz\"\n)\n", []string{
			`4:2: import "math/go-rand/v2" does not end in its package's name: give it an explicit name`,
			`5:2: import "gopkg.in/yaml.v3" does not end in its package's name: give it an explicit name`,
			`6:2: import "example.com/go-foo" does not end in its package's name: give it an explicit name`,
		}},

		{"imports_twice.go", "package p\n\nimport (\n\t_ \"a\"\n\t_ \"b\"\n\t\"example.com/url\"\n\t\"net/url\"\n)\n", []string{
			`7:2: import "net/url" has the name of the one on line 6`,
		}},

		// Excluded code is checked all the same, and //line is ignored.
		{"excluded.go", "//authgen:if b\n\npackage p\n\n//authgen:if c\nvar x int\n", []string{
			`5:1: if c: unknown name "c"`,
		}},
		{"line.go", "package p\n\n//line other.go:77\n\n//authgen:if c\nvar x int\n", []string{
			`5:1: if c: unknown name "c"`,
		}},

		// Placeholders.
		{"sql.go", "//authgen:sql a\n\npackage p\n", []string{
			`1:1: sql takes no argument, found "a"`,
		}},
		{"sql_twice.go", "//authgen:sql\n//authgen:sql\n\npackage p\n\nconst x = `?`\n", []string{
			"2:1: the file already says sql",
		}},
		{"sql_late.go", "package p\n\n//authgen:sql\nconst x = `?`\n", []string{
			"3:1: sql belongs above the package clause",
		}},
		{"sql_none.go", "//authgen:sql\n\npackage p\n\nconst x = `y`\n\nvar y = `?`\n\nfunc f() {\n\tconst z = `?`\n}\n", []string{
			"3:1: sql on a file without a constant that has placeholders",
		}},
		{"sql_quotes.go", "//authgen:sql\n\npackage p\n\nconst x = `a = 'b' OR a = 'why?' OR a = ?`\n", []string{
			"5:31: a question mark inside quotes is not a placeholder",
		}},
		{"sql.sql", "-- authgen:sql\n\nSELECT ?;\n", []string{
			"1:1: sql is for Go files",
		}},

		// Other files.
		{"verbs.sql", "x\n-- authgen:else\n-- authgen:\ny -- authgen:if a\n  -- authgen:end x\n", []string{
			`2:1: unknown directive "else": want if, end, value, as, class, unit or sql`,
			`3:1: unknown directive "": want if, end, value, as, class, unit or sql`,
			"4:3: if must stand alone on its line",
			`5:3: end takes no argument, found "x"`,
		}},
		{"regions.sql", "x\n-- authgen:end\n-- authgen:if a\n-- authgen:if c\n-- authgen:end\n-- authgen:end\n-- authgen:if b\n", []string{
			"2:1: end without if; an if at the top of the file with a blank line below it has no end",
			"4:1: if inside the region that begins on line 3: regions do not nest",
			`4:1: if c: unknown name "c"`,
			"7:1: if without end",
		}},
		{"top.sql", "-- authgen:if a\n\nx\n-- authgen:end\n", []string{
			"4:1: end without if; an if at the top of the file with a blank line below it has no end",
		}},
		{"late.sql", "\n-- authgen:class once\n-- authgen:as x.sql\n", []string{
			"2:1: class belongs at the top of the file",
			"3:1: as belongs at the top of the file",
		}},
		{"twice.yaml", "# authgen:if a\n# authgen:if c\n# authgen:class x\n# authgen:as\n\n", []string{
			`2:1: if c: unknown name "c"`,
			`3:1: unknown class "x": want one of generated, yours, once, migration`,
			`4:1: as needs one file name without a folder, not ""`,
		}},
		{"value.sh", "x # authgen:value\ny # authgen:value k\n", []string{
			"1:3: value needs a key",
			"2:3: value k: unknown key",
		}},
		{"comment.html", "<p> <!-- authgen:value s --> </p>\n<!-- authgen:if a\n", []string{
			"1:5: the comment must be the last thing on its line",
			"2:1: the comment must end on its line",
			"2:1: if without end",
		}},
		{"carriage_return.sql", "a\n\rb\n", []string{
			"2:1: carriage return inside a line",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, ok, err := specialize(tt.name, []byte(tt.in), opts)
			if err == nil {
				t.Fatal("no error")
			}
			if ok {
				t.Error("ok with an error")
			}
			var want []string
			for _, line := range tt.want {
				want = append(want, tt.name+":"+line)
			}
			if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A cut can leave invalid Go, which the check of the directives does not find.
func TestInternalError(t *testing.T) {
	src := "package p\n\nvar x = 1 +\n\tfunc() int {\n\t\treturn 1 +\n\t\t\t//authgen:if a\n\t\t\t1\n\t\t//authgen:end\n\t}()\n"
	if _, _, err := Go("dir/x.go", []byte(src), Options{Tags: map[string]bool{"a": true}}); err != nil {
		t.Errorf("on: %v", err)
	}
	_, _, err := Go("dir/x.go", []byte(src), Options{Tags: map[string]bool{"a": false}})
	if err == nil || !strings.HasPrefix(err.Error(), "internal error: dir/x.go: ") {
		t.Errorf("off: got %v, want an internal error that names the file", err)
	}
}
