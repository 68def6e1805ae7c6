package generator

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No file of the generator or the command has more than 500 lines, tests apart.
func TestFilesAreShort(t *testing.T) {
	const most = 500
	for _, root := range []string{".", filepath.Join("..", "cmd")} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			source, err := os.ReadFile(name)
			if n := bytes.Count(source, []byte("\n")); n > most {
				t.Errorf("%s has %d lines, more than %d", name, n, most)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
