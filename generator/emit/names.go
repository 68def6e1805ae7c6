package emit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// appliedTable is the table, without the prefix of tables, in which Migrate records what it
// has applied.
const appliedTable = "migrations"

// Relations returns the names of the tables and indexes that a package for these answers
// has in the database.
func Relations(a answers.Answers) []string {
	var names []string
	for _, table := range answers.Tables() {
		if table.Needed(a) {
			for _, name := range append([]string{table.Name}, table.Indexes...) {
				names = append(names, TablePrefix(a)+name)
			}
		}
	}
	if a.Migrates() {
		names = append(names, TablePrefix(a)+appliedTable)
	}
	return names
}

// cookieBase returns the name of the session cookie in development.
func cookieBase(a answers.Answers) string {
	if a.Name != "" {
		return a.Name + "-session"
	}
	return "session"
}

// Cookies returns the names of the cookies that a package for these answers sets: first
// those in development, then those in production.
func Cookies(a answers.Answers) []string {
	base := cookieBase(a)
	return []string{base, base + "-device", "__Host-" + base, "__Host-" + base + "-device"}
}

// Routes returns the routes of a package for these answers, which must be valid, as its
// table has them. The templates are those for [Package].
func Routes(templates fs.FS, a answers.Answers) ([]project.Row, error) {
	change, err := newSchemaChange(a, nil)
	if err != nil {
		return nil, err
	}
	const name = templateWeb + "/routes.go"
	source, err := fs.ReadFile(templates, path.Join(templatePackage, name))
	if err != nil {
		return nil, err
	}
	f, _, err := specialize(name, source, optionsFor(a, Target{}, change))
	if err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), name, f.Data, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	var rows []project.Row
	ast.Inspect(syntax, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		var row project.Row
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			switch key, _ := kv.Key.(*ast.Ident); {
			case key == nil:
			case key.Name == "Method":
				row.Method = pathText(kv.Value, a.Prefix)
			case key.Name == "Path":
				row.Path = pathText(kv.Value, a.Prefix)
			}
		}
		if row.Path != "" {
			rows = append(rows, row)
		}
		return true
	})
	return rows, nil
}

// pathText returns the value of an expression in the table of routes: a string, the
// constant for the prefix, or a sum of them.
func pathText(e ast.Expr, prefix string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.Ident:
		return prefix
	case *ast.BinaryExpr:
		return pathText(e.X, prefix) + pathText(e.Y, prefix)
	}
	return ""
}
