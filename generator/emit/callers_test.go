package emit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
)

// onlyCallers are the functions and constants of the core that only one function may use:
// they start and end sessions and delete users and rows, and their caller handles
// everything else that has to happen then. Functions are named with their receiver.
var onlyCallers = []struct {
	name, caller string
	emitted      func(answers.Answers) bool // nil is always
}{
	{"Auth.startSession", "Auth.finish", nil},
	{"Auth.endSessions", "Auth.endAll", nil},
	{"deleteUserRow", "Auth.deleteUser", func(a answers.Answers) bool { return a.Has("delete_account") }},
	{"Auth.removeExpired", "Auth.sweep", isNotRedis},
	{"Auth.removeRows", "Auth.removeExpired", hasSessionRows},
	{"deleteExpiredSessions", "Auth.removeRows", func(a answers.Answers) bool { return hasSessionRows(a) && a.Database != "mysql" }},
	{"selectExpiredSessions", "Auth.removeRows", func(a answers.Answers) bool { return hasSessionRows(a) && a.Database == "mysql" }},
	{"Auth.removeEnded", "Auth.removeExpired", hasEndedSessions},
	{"deleteEndedSessions", "Auth.removeEnded", hasEndedSessions},
}

func isNotRedis(a answers.Answers) bool { return a.Store != "redis" }

func hasEndedSessions(a answers.Answers) bool {
	return slices.Contains(SchemaParts(a), "ended_sessions")
}

func hasSessionRows(a answers.Answers) bool { return slices.Contains(SchemaParts(a), "sessions") }

// wrongCallers returns an error for each use outside of the only caller, and for each
// function or constant that the caller does not use.
func wrongCallers(fset *token.FileSet, files []*ast.File, info *types.Info, a answers.Answers) []error {
	var errs []error
	used := make(map[string]bool)
	for _, f := range files {
		for _, d := range f.Decls {
			function := ""
			if d, ok := d.(*ast.FuncDecl); ok {
				function = qualifiedName(info.Defs[d.Name])
			}
			ast.Inspect(d, func(n ast.Node) bool {
				ident, ok := n.(*ast.Ident)
				if !ok || info.Uses[ident] == nil {
					return true
				}
				name := qualifiedName(info.Uses[ident])
				for _, only := range onlyCallers {
					switch {
					case name != only.name:
					case function != only.caller:
						errs = append(errs, fmt.Errorf("%s: %s is for %s alone", fset.Position(ident.Pos()), name, only.caller))
					default:
						used[name] = true
					}
				}
				return true
			})
		}
	}
	for _, only := range onlyCallers {
		if emitted := only.emitted == nil || only.emitted(a); emitted != used[only.name] {
			errs = append(errs, fmt.Errorf("%s uses %s: %t, want %t", only.caller, only.name, used[only.name], emitted))
		}
	}
	return errs
}

// qualifiedName returns the name of a function or constant of a package, with the type of
// the receiver if there is one, and "" for everything else.
func qualifiedName(o types.Object) string {
	if o == nil || o.Pkg() == nil {
		return ""
	}
	f, ok := o.(*types.Func)
	if !ok || f.Signature().Recv() == nil {
		if o.Parent() != o.Pkg().Scope() {
			return ""
		}
		return o.Name()
	}
	receiver := f.Signature().Recv().Type()
	if p, ok := receiver.(*types.Pointer); ok {
		receiver = p.Elem()
	}
	named, ok := receiver.(*types.Named)
	if !ok {
		return ""
	}
	return named.Obj().Name() + "." + f.Name()
}

// TestOnlyCallers tests the check itself, which is part of TestCombinations.
func TestOnlyCallers(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, filepath.Join("testdata", "callers", "wrong.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object)}
	if _, err := new(types.Config).Check("auth", fset, []*ast.File{file}, info); err != nil {
		t.Fatal(err)
	}
	a := defaultAnswers()
	var got []string
	for _, err := range wrongCallers(fset, []*ast.File{file}, info, a) {
		_, message, _ := strings.Cut(err.Error(), "wrong.go:")
		if message == "" {
			message = err.Error()
		}
		got = append(got, message)
	}
	want := []string{
		"28:28: Auth.startSession is for Auth.finish alone",
		"30:21: Auth.startSession is for Auth.finish alone",
		"32:40: Auth.endSessions is for Auth.endAll alone",
		"34:39: Auth.removeExpired is for Auth.sweep alone",
		"36:23: deleteUserRow is for Auth.deleteUser alone",
		"41:34: Auth.startSession is for Auth.finish alone",
		// The callers do not remove expired rows here.
		"Auth.removeExpired uses Auth.removeRows: false, want true",
		"Auth.removeRows uses deleteExpiredSessions: false, want true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
