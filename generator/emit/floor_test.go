package emit

import (
	"bufio"
	"fmt"
	"go/build"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/project"
	"github.com/authgen/authgen/templates"
)

// TestOldestGo checks that emitted code uses no function of the standard library that is
// newer than the oldest Go version that a project may have. The Go distribution lists what
// each version added.
func TestOldestGo(t *testing.T) {
	newer := make(map[string]bool)
	for minor := 26; ; minor++ {
		f, err := os.Open(filepath.Join(build.Default.GOROOT, "api", fmt.Sprintf("go1.%d.txt", minor)))
		if os.IsNotExist(err) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			feature, _, _ := strings.Cut(lines.Text(), "(")
			if strings.Contains(feature, ", method ") { // the receiver is in parentheses
				feature, _, _ = strings.Cut(lines.Text(), ") ")
				name, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), feature+") "), "(")
				feature += ") " + name
			}
			newer[strings.TrimSpace(feature)] = true
		}
		_ = f.Close()
	}
	if len(newer) == 0 {
		t.Skip("this Go distribution has no api directory")
	}
	if !newer["pkg crypto/fips140, func Enforced"] || !newer["pkg bytes, method (*Buffer) Peek"] {
		t.Fatal("the api directory has an unknown format")
	}

	checker := newEmissionChecker(exportData(t))
	checker.see = func(info *types.Info) {
		for ident, o := range info.Uses {
			if f, ok := o.(*types.Func); ok && f.Pkg() != nil && newer[apiName(f)] {
				t.Errorf("%s: %s is not in go %s", checker.fset.Position(ident.Pos()), f.FullName(), project.MinGo)
			}
		}
	}
	for _, session := range []string{"database", "stateless"} {
		a := templateAnswers()
		a.Package, a.Session = "internal/auth", session
		files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
		if err == nil {
			err = checker.check(a, files)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// apiName returns the name of a function or method in the api directory.
func apiName(f *types.Func) string {
	receiver := f.Signature().Recv()
	if receiver == nil {
		return "pkg " + f.Pkg().Path() + ", func " + f.Name()
	}
	short := func(*types.Package) string { return "" }
	return "pkg " + f.Pkg().Path() + ", method (" + types.TypeString(receiver.Type(), short) + ") " + f.Name()
}
