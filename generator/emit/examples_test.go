package emit

import (
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/examples"
	"github.com/authgen/authgen/templates"
)

// exampleAnswers returns the answers of the examples, by name.
func exampleAnswers(t *testing.T) map[string]answers.Answers {
	t.Helper()
	all := make(map[string]answers.Answers)
	for _, e := range examples.All {
		a := answers.Default()
		for _, answer := range e.Answers {
			if err := a.Set(answer[0], answer[1]); err != nil {
				t.Fatal(err)
			}
		}
		a.Normalize()
		all[e.Name] = a
	}
	return all
}

// The packages of the examples pass the checks of TestCombinations.
func TestExampleAnswers(t *testing.T) {
	checker := newEmissionChecker(exportData(t))
	for name, a := range exampleAnswers(t) {
		files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
		if err == nil {
			err = checker.check(a, files)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
