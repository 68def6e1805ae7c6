package emit

import (
	"bytes"
	"flag"
	"fmt"
	"go/build/constraint"
	"hash/crc32"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/internal/directive"
	"github.com/authgen/authgen/templates"
)

var mutations = flag.Int("mutations", 40, "leave out one of so many directives; 1 is each of them, one at a time")

// mutant is a template without one of its directives.
type mutant struct {
	file string
	line int
	expr string
	data []byte
	// compiles says that nothing but tests may find it, those that are emitted or that of
	// the SQL: it is not Go, or a test, or a region of statements, or it is about what is
	// exported and so need not be used.
	compiles bool
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d: if %s", m.file, m.line, m.expr) }

// exportedLine is the first of a declaration, a field or a method that is exported.
var exportedLine = regexp.MustCompile(`^\s*((func (\([^)]*\) )?|type |var |const )[A-Z]|[A-Z]\w* )`)

// mutants returns a template once without each of its ifs, and without the end that
// belongs to it.
func mutants(name string, source []byte) []mutant {
	lines := bytes.SplitAfter(source, []byte("\n"))
	var all []mutant
	for i, line := range lines {
		_, expr, ok := bytes.Cut(line, []byte("authgen:if "))
		if !ok {
			continue
		}
		left := slices.Clone(lines)
		left[i] = nil
		// Regions do not nest: an end that comes before any other if is that of this one.
		next := slices.IndexFunc(left[i:], func(line []byte) bool {
			return bytes.Contains(line, []byte("authgen:if ")) || bytes.Contains(line, []byte("authgen:end"))
		})
		region := next >= 0 && bytes.Contains(left[i+next], []byte("authgen:end"))
		if region {
			left[i+next] = nil
		}
		compiles := region || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") ||
			i+1 < len(lines) && exportedLine.Match(lines[i+1])
		text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(string(expr)), "-->"))
		all = append(all, mutant{name, i + 1, text, bytes.Join(left, nil), compiles})
	}
	return all
}

// sampled returns the first of a sample that has one of n elements. It changes with the
// templates.
func sampled(t *testing.T, n int) int {
	t.Helper()
	digest, err := Digest(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	return int(crc32.ChecksumIEEE([]byte(digest)) % uint32(n))
}

// specialized is what answers ask for, and how templates are cut to it.
type specialized struct {
	answers answers.Answers
	options directive.Options
}

func specializedTo(t *testing.T, a answers.Answers) specialized {
	t.Helper()
	change, err := newSchemaChange(a, nil)
	if err != nil {
		t.Fatal(err)
	}
	return specialized{a, optionsFor(a, Target{Module: "example.com/app"}, change)}
}

// changes reports whether a mutant leads to another file than the template.
func (s specialized) changes(specialize specializer, m mutant, source []byte) (bool, error) {
	on, err := constraint.Parse("//go:build " + m.expr)
	if err != nil {
		return false, err
	}
	if on.Eval(func(tag string) bool { return s.options.Tags[tag] }) {
		return false, nil
	}
	_, name, _ := strings.Cut(m.file, "/")
	before, was, err := specialize(name, source, s.options)
	if err != nil {
		return false, err
	}
	after, is, err := specialize(name, m.data, s.options)
	return err != nil || was != is || !bytes.Equal(before.Data, after.Data), nil
}

// TestMutations leaves out one directive after the other. Each is found: the code
// emitted for a combination then does not compile, has unused declarations, or is wrong
// in another way that the checker sees, or the code emitted for an example differs,
// which TestExamples compares byte for byte. Only a mutant whose code compiles, as
// described at mutant, may be left to other tests.
func TestMutations(t *testing.T) {
	specialize := rememberTemplates()
	exports := exportData(t)
	words := new(wordFinder)
	files := make(fstest.MapFS)
	var all []mutant
	err := fs.WalkDir(templates.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS, name)
		files[name] = &fstest.MapFile{Data: data}
		if !strings.HasPrefix(name, "apps/") {
			all = append(all, mutants(name, data)...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	space := answerSpace(t)
	var combined, exemplary []specialized
	for _, r := range combinations(space) {
		a, err := answersOf(space, r)
		if err != nil {
			t.Fatal(err)
		}
		combined = append(combined, specializedTo(t, a))
	}
	for _, a := range exampleAnswers(t) {
		exemplary = append(exemplary, specializedTo(t, a))
	}

	// find returns by what a mutant is found, "" if it is not.
	find := func(checker *emissionChecker, m mutant) (string, error) {
		mutated := maps.Clone(files)
		mutated[m.file] = &fstest.MapFile{Data: m.data}
		const enough = 10 // of what has not been found then, nearly nothing is
		looked := 0
		equivalent := true
		for _, s := range combined {
			changed, err := s.changes(specialize, m, files[m.file].Data)
			if err != nil {
				return "", err
			}
			if !changed {
				continue
			}
			if looked++; looked > enough {
				break
			}
			equivalent = false
			out, err := packageWith(specialize, mutated, s.answers, Target{Module: "example.com/app"})
			if err == nil {
				err = checker.check(s.answers, out)
			}
			if err == nil {
				var all []File
				if all, err = packageWith(specialize, mutated, everything(t, s.answers), Target{Module: "example.com/app"}); err == nil {
					err = words.stray(all, out)
				}
			}
			if err != nil {
				first, _, _ := strings.Cut(err.Error(), "\n")
				return first, nil
			}
		}
		for _, s := range exemplary {
			if changed, err := s.changes(specialize, m, files[m.file].Data); changed || err != nil {
				return "an example", err
			}
		}
		if equivalent {
			return "nothing: no combination differs", nil
		}
		return "", nil
	}
	work := make(chan mutant)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			checker := newEmissionChecker(exports)
			for m := range work {
				by, err := find(checker, m)
				switch {
				case err != nil:
					t.Errorf("%v: %v", m, err)
				case by == "" && m.compiles:
					t.Logf("%v: only tests may find it", m)
				case by == "":
					t.Errorf("%v can be left out, and nothing finds it", m)
				default:
					t.Logf("%v: found by %s", m, by)
				}
			}
		})
	}
	for i := sampled(t, *mutations); i < len(all); i += *mutations {
		work <- all[i]
	}
	close(work)
	workers.Wait()
}
