package emit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

// The packages of the examples pass the checks of TestCombinations.
func TestExampleAnswers(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "internal", "auth", answers.FileName))
	if err != nil || len(names) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	checker := newEmissionChecker(exportData(t))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a, err := answers.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
		if err == nil {
			err = checker.check(a, files)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
