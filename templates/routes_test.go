package templates_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tests of the core run on a table of their own, which says the same as the one
// that an application begins with.
func TestUsualRoutesAreThoseOfTheApplication(t *testing.T) {
	application := tableOf(t, filepath.Join("auth", "authweb", "routes.go"))
	usual := tableOf(t, filepath.Join("auth", "usual_routes_test.go"))
	if len(application) < 10 {
		t.Fatalf("only %d routes were found", len(application))
	}
	if diff := cmp.Diff(application, usual); diff != "" {
		t.Errorf("the routes of the application, and those of the core's tests:\n%s", diff)
	}
}

// tableOf returns the routes that a file lists, the handlers left out: for each
// its fields, sorted by name.
func tableOf(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var table []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		var fields []string
		for _, element := range literal.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok && types.ExprString(pair.Key) != "Handler" {
				fields = append(fields, types.ExprString(pair.Key)+": "+strings.TrimPrefix(types.ExprString(pair.Value), "auth."))
			}
		}
		slices.Sort(fields)
		if !slices.ContainsFunc(fields, func(field string) bool { return strings.HasPrefix(field, "Method: ") }) {
			return true // not a route
		}
		table = append(table, strings.Join(fields, ", "))
		return false
	})
	slices.Sort(table)
	return table
}
