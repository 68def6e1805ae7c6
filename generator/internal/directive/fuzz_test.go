package directive

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func FuzzGo(f *testing.F) {
	for _, g := range goldens(f) {
		f.Add(g.template.Data, true, false)
	}
	f.Fuzz(func(t *testing.T, src []byte, a, b bool) {
		o := Options{
			Tags:     map[string]bool{"a": a, "b": b, "c": a != b},
			Values:   map[string]string{"s": "text", "n": "-5", "hex": "0xff", "lines": "one\ntwo"},
			Packages: map[string]string{"auth": "login"},
			Imports:  map[string]string{"example.com/template": "corp.example/app"},
			Exprs:    map[string]string{"c.Context": "c.UserContext", "*echo.Context": "echo.Ctx"},
			Words:    map[string]string{"users": "shop_users", "hi": "hi_there"},
		}
		out, ok, err := Go("x.go", src, o)
		if err != nil || !ok {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", out.Data, parser.ParseComments)
		if err != nil {
			t.Fatalf("output: %v\n%s", err, out.Data)
		}
		if directives(file) {
			t.Fatalf("directives left:\n%s", out.Data)
		}
		if formatted, err := format.Source(out.Data); err != nil || !bytes.Equal(formatted, out.Data) {
			return // gofmt itself is not idempotent for some comments
		}
		again, ok, err := Go("x.go", out.Data, o)
		if err != nil || !ok {
			t.Fatalf("again: %v, %v\n%s", ok, err, out.Data)
		}
		if !bytes.Equal(out.Data, again.Data) {
			t.Fatalf("once:\n%s\ntwice:\n%s", out.Data, again.Data)
		}
	})
}

func directives(file *ast.File) bool {
	for _, g := range file.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//"+marker) {
				return true
			}
		}
	}
	return false
}

func FuzzText(f *testing.F) {
	for _, g := range goldens(f) {
		f.Add(g.template.Name, g.template.Data, true)
	}
	f.Fuzz(func(t *testing.T, name string, src []byte, a bool) {
		o := Options{
			Tags:   map[string]bool{"a": a, "b": !a},
			Values: map[string]string{"columns": "x\ny", "none": ""},
			Words:  map[string]string{"users": "shop_users"},
		}
		out, ok, err := Text(name, src, o)
		if err != nil || !ok {
			return
		}
		again, ok, err := Text(name, out.Data, o)
		if err != nil || !ok || !bytes.Equal(out.Data, again.Data) {
			t.Fatalf("once:\n%s\ntwice: %v, %v\n%s", out.Data, ok, err, again.Data)
		}
	})
}
