package generator

import (
	"testing"

	"github.com/authgen/authgen/internal/examples"
	"github.com/authgen/authgen/templates"
)

// exampleAnswers returns the answers of the examples, by name.
func exampleAnswers(t *testing.T) map[string]Answers {
	t.Helper()
	answers := make(map[string]Answers)
	for _, e := range examples.All {
		a := DefaultAnswers()
		for _, answer := range e.Answers {
			if err := a.Set(answer[0], answer[1]); err != nil {
				t.Fatal(err)
			}
		}
		a.Normalize()
		answers[e.Name] = a
	}
	return answers
}

// The packages of the examples pass the checks of TestCombinations.
func TestExampleAnswers(t *testing.T) {
	checker := newEmissionChecker(exportData(t))
	for name, a := range exampleAnswers(t) {
		files, err := Emit(templates.FS, a, Target{Module: "example.com/app"})
		if err == nil {
			err = checker.check(a, files)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
