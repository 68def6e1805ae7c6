package generator

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/authgen/authgen/templates"
)

// exampleAnswers returns the answers of the examples, by the name of the file.
func exampleAnswers(t *testing.T) map[string]Answers {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "examples", "*", "internal", "auth", AnswersFile))
	if err != nil || len(names) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	answers := make(map[string]Answers)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if answers[name], err = ParseAnswers(name, text); err != nil {
			t.Fatal(err)
		}
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
