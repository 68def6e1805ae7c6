package generator

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/mod/modfile"
)

// allowed are the modules that authgen may require. There are no routers and database
// drivers, since the requirements of authgen become part of the build list of a module that
// has authgen as a tool.
var allowed = []string{
	"github.com/AlecAivazis/survey/v2",
	"github.com/dave/jennifer",
	"github.com/goccy/go-yaml",
	"github.com/google/go-cmp",
	"github.com/rogpeppe/go-internal",
	"golang.org/x/crypto",
	"golang.org/x/mod",
	"golang.org/x/term",
	"golang.org/x/text",
	"golang.org/x/tools",

	// Required by these.
	"github.com/kballard/go-shellquote",
	"github.com/mattn/go-colorable",
	"github.com/mattn/go-isatty",
	"github.com/mgutz/ansi",
	"golang.org/x/sys",
}

func TestRequirements(t *testing.T) {
	data, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Require {
		if !slices.Contains(allowed, r.Mod.Path) {
			t.Errorf("go.mod:%d: %s is not among the modules that authgen may require", r.Syntax.Start.Line, r.Mod.Path)
		}
	}
	for _, r := range mod.Replace {
		t.Errorf("go.mod:%d: a replace has no effect for those who install authgen", r.Syntax.Start.Line)
	}
	for _, r := range mod.Exclude {
		t.Errorf("go.mod:%d: an exclude has no effect for those who install authgen", r.Syntax.Start.Line)
	}
}
