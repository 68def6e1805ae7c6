package generator

import (
	"go/build"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// steps are the packages of the steps, in order.
var steps = []string{"answers", "project", "emit", "plan"}

// Each step imports only earlier ones, and internal packages import none.
func TestImportsGoOneWay(t *testing.T) {
	const self = "github.com/authgen/authgen/generator"
	allowed := map[string][]string{".": nil}
	for i, step := range steps {
		allowed[step] = append([]string{"."}, steps[:i]...)
	}
	found := 0
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if d.Name() == "testdata" {
			return filepath.SkipDir
		}
		dir = filepath.ToSlash(dir)
		earlier, isStep := allowed[dir]
		if !isStep && !strings.HasPrefix(dir, "internal/") {
			return nil
		}
		pkg, err := build.ImportDir(dir, 0)
		if err != nil {
			if _, none := err.(*build.NoGoError); none {
				return nil
			}
			return err
		}
		found++
		for _, imported := range pkg.Imports {
			rest, ok := strings.CutPrefix(imported+"/", self+"/")
			if rest = path.Clean(rest); !ok || strings.HasPrefix(rest, "internal/") {
				continue
			}
			if !slices.Contains(earlier, rest) {
				t.Errorf("%s imports %s", dir, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < len(steps)+4 {
		t.Errorf("%d packages are too few", found)
	}
}
