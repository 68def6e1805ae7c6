package project

import (
	"go/ast"
	"go/parser"
	"testing"
)

// Lines must not declare a variable that is declared below them without another.
func TestSpotFree(t *testing.T) {
	for source, want := range map[string]bool{
		"spot(); err := f(); _ = err":                    false,
		"spot(); _, err := f(); _ = err":                 false,
		"spot(); var err error; _ = err":                 false,
		"x := 1; spot(); x, err := f(); _, _ = x, err":   false,
		"spot(); x, err := f(); _, _ = x, err":           true,
		"spot(); if err := f(); err != nil {}":           true,
		"spot(); err = f()":                              true,
		"err := f(); spot(); x, err := f(); _, _ = x, 1": true,
		"var err error; spot(); err = f()":               true,
		"spot()":                                         true,
	} {
		e, err := parser.ParseExpr("func() {" + source + "}")
		if err != nil {
			t.Fatal(err)
		}
		list := e.(*ast.FuncLit).Body.List
		at := -1
		for i, st := range list {
			if x, ok := st.(*ast.ExprStmt); ok && nameOf(x.X.(*ast.CallExpr).Fun) == "spot" {
				at = i
			}
		}
		if got := (spot{levels: []level{{list, at}}}).free("err"); got != want {
			t.Errorf("%s: %t, want %t", source, got, want)
		}
	}
}
