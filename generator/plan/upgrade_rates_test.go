package plan_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/older"
	"github.com/authgen/authgen/generator/plan"
)

// usualEdits are edits that developers make to whole files.
var usualEdits = []struct {
	name string
	edit sourceEdit
}{
	{"sort functions", sortFunctions},
	{"move a function", moveFunction},
	{"add import and function", mine.addFunction},
	{"indent with spaces", reindent},
	{"rename the package", renamePackage},
	{"log in every function", mine.logEverywhere},
	{"CRLF", toCRLF},
}

// TestUpgradeRates upgrades packages of an older version with usual edits: to this version,
// and to versions that also have random changes. The result of a merge without conflict must
// be the same as that of the edit made to the new version's file.
func TestUpgradeRates(t *testing.T) {
	const others = 1
	type score struct{ files, clean, right int }
	all := olderSamples(t)
	for _, kind := range usualEdits {
		var scores [2]score // of this version, and of the others
		for _, s := range all {
			edit := func(name string, src []byte) ([]byte, bool) {
				edited, _, ok := kind.edit(rand.New(rand.NewPCG(uint64(len(name)), 3)), src)
				if !ok && kind.name != "add import and function" { // there may be nothing to do
					return src, true
				}
				return edited, ok
			}
			u := &upgrade{sample: s.sample, t: t, edited: maps.Clone(s.module)}
			for _, name := range s.yours {
				if edited, ok := edit(name, u.inSample(name)); ok {
					u.edited[path.Join(s.answers.Package, name)] = &fstest.MapFile{Data: edited}
				}
			}
			for version := range 1 + others {
				u.latest = slices.Clone(u.files)
				for i, f := range u.latest {
					if version > 0 && slices.Contains(s.yours, f.Path) {
						r := rand.New(rand.NewPCG(uint64(version), uint64(i)))
						u.latest[i].Data = u.edit(r, theirs, f.Path, f.Data, 1+r.IntN(3))
					}
				}
				for _, step := range u.plan(t, u.edited, u.latest, plan.Options{}).Steps {
					if step.Class != emit.Yours || !slices.Contains(s.yours, step.Path) {
						continue
					}
					base, yours, latest := u.inSample(step.Path), u.at(u.edited, step.Path), lf(step.Emitted())
					want, ok := edit(step.Path, latest)
					if !ok || bytes.Equal(base, yours) {
						continue
					}
					score := &scores[min(version, 1)]
					score.files++
					if step.Action == plan.Conflicts {
						continue
					}
					score.clean++
					if diff := notAsEdited(base, latest, lf(want), lf(step.New())); diff != "" {
						t.Errorf("%s, %s, %s: differs from the edit made to the new version's file:\n%s", s.name, step.Path, kind.name, diff)
					} else if crlf := []byte("\r\n"); bytes.Contains(yours, crlf) != bytes.Contains(step.New(), crlf) {
						t.Errorf("%s, %s, %s: the line endings have changed", s.name, step.Path, kind.name)
					} else {
						score.right++
					}
				}
			}
		}
		if scores[0].clean == 0 {
			t.Errorf("%s: no upgrade without conflict", kind.name)
		}
		line := fmt.Sprintf("%-24s", kind.name)
		for i, to := range []string{"this version", "others"} {
			line += fmt.Sprintf("  to %s: %3d files, %3d without conflict, %3d right", to, scores[i].files, scores[i].clean, scores[i].right)
		}
		t.Log(line)
	}
}

// notAsEdited compares a merged file with the new version's file after an edit, declaration
// by declaration, and returns "" if they are equal. Declarations that the new version adds
// are compared without the edit, which was made to the base.
func notAsEdited(base, latest, edited, merged []byte) string {
	known, added := declarations(base), declarations(latest)
	want, got := withoutMarks(declarations(edited)), withoutMarks(declarations(merged))
	for name := range added {
		if _, ok := known[name]; !ok {
			want[name] = added[name]
		}
	}
	return cmp.Diff(want, got) + cmp.Diff(imports(edited), imports(merged))
}

// withoutMarks returns the declarations with all marks of the developer replaced by the
// same one.
func withoutMarks(declarations map[string]string) map[string]string {
	same := make(map[string]string)
	for name, text := range declarations {
		same[mineMark.ReplaceAllString(name, "mine")] = mineMark.ReplaceAllString(text, "mine")
	}
	return same
}

var mineMark = regexp.MustCompile(`mine[0-9a-f]{8}`)

// imports returns the imports of a file, sorted.
func imports(src []byte) []string {
	s, ok := parseSource(src)
	if !ok {
		return nil
	}
	var all []string
	for _, spec := range s.ast.Imports {
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name + " "
		}
		all = append(all, name+spec.Path.Value)
	}
	slices.Sort(all)
	return all
}

// olderSample is a sample that an older version wrote.
type olderSample struct {
	*sample
	name  string
	yours []string // the Go files that are the developer's
}

// olderSamples returns packages for some answers, with the files that are emitted for them
// now.
func olderSamples(t *testing.T) []olderSample {
	t.Helper()
	var all []olderSample
	for _, change := range []func(*answers.Answers){
		func(*answers.Answers) {},
		func(a *answers.Answers) { a.Session = "stateless" },
		func(a *answers.Answers) { a.Router, a.Database = "chi", "postgres" },
		func(a *answers.Answers) { a.Router, a.Database, a.Session = "gin", "mysql", "stateless" },
		func(a *answers.Answers) { a.Router, a.Database, a.Store = "echo", "postgres", "redis" },
		func(a *answers.Answers) { a.Router = "fiber" },
		func(a *answers.Answers) { a.Router = "gorilla" },
	} {
		a := emit.AppAnswers()
		change(&a)
		a.Normalize()
		s := olderSample{&sample{answers: a, module: make(fstest.MapFS), path: "example.com/app"}, a.Router + " and " + a.Session, nil}
		written, err := older.Package(s.module, s.path, a)
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range written {
			s.module[name] = &fstest.MapFile{Data: data}
		}
		s.emit(t)
		_, base := s.state(t, s.module)
		for _, f := range s.files {
			if class := base.Class(f.Path); (class == emit.Yours || class == emit.Once) && path.Ext(f.Path) == ".go" {
				s.yours = append(s.yours, f.Path)
			}
		}
		all = append(all, s)
	}
	return all
}
