package emit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates"
)

// Statements in all files have the placeholders of their database.
func TestPlaceholders(t *testing.T) {
	var (
		statement = regexp.MustCompile(`\b(FROM|INTO|UPDATE) auth_|\bWHERE\b`)
		question  = regexp.MustCompile(`\?`)
		number    = regexp.MustCompile(`\$[1-9]`)
	)
	for database, wrong := range map[string]*regexp.Regexp{"sqlite": number, "postgres": question, "mysql": number} {
		for _, session := range []string{"database", "stateless"} {
			a := templateAnswers()
			a.Database, a.Driver, a.Session = database, "", session
			a.Bridge = map[string]string{"database": "stateless", "stateless": "database"}[session]
			a.Normalize()
			files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
			if err != nil {
				t.Fatal(err)
			}
			statements := 0
			for _, f := range files {
				if path.Ext(f.Path) != ".go" || strings.HasSuffix(f.Path, "_test.go") {
					continue
				}
				parsed, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				ast.Inspect(parsed, func(n ast.Node) bool {
					lit, ok := n.(*ast.BasicLit)
					if !ok || lit.Kind != token.STRING {
						return true
					}
					text, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					if !statement.MatchString(text) {
						return true
					}
					statements++
					if wrong.MatchString(text) {
						t.Errorf("%s, %s: %q has placeholders of another database", database, f.Path, text)
					}
					return true
				})
			}
			if statements < 20 {
				t.Errorf("%s: only %d statements are found", database, statements)
			}
		}
	}
}
