package emit

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

// condition is an if directive in the templates.
type condition struct {
	file  string
	line  int
	names []string
	scope scope
}

// scope is how much of a template depends on an if.
type scope int

const (
	declaration scope = iota // or a field
	region                   // up to an end
	wholeFile
)

var (
	ifOrEnd = regexp.MustCompile(`authgen:(if|end)\b(.*?)(?:-->)?\s*$`)
	tagName = regexp.MustCompile(`\w+`)
)

// conditions returns all if directives in the templates.
func conditions(t *testing.T) []condition {
	t.Helper()
	var all []condition
	err := fs.WalkDir(templates.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			return err
		}
		header := true // whether there were only directives, comments and blank lines so far
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			m := ifOrEnd.FindStringSubmatch(line)
			switch {
			case m == nil:
				text := strings.TrimSpace(line)
				header = header && (text == "" || path.Ext(name) == ".go" && strings.HasPrefix(text, "//") || strings.Contains(text, "authgen:"))
			case m[1] == "if":
				c := condition{file: name, line: n, names: tagName.FindAllString(m[2], -1)}
				if header {
					c.scope = wholeFile
				}
				all = append(all, c)
			default:
				all[len(all)-1].scope = region
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every tag that a template names belongs to an entry of a registry, and every tag of
// an entry is used.
func TestTagsAreOfEntries(t *testing.T) {
	tags := optionsFor(answers.Default(), Target{}, schemaChange{}).Tags
	used := make(map[string]bool)
	for _, c := range conditions(t) {
		for _, name := range c.names {
			used[name] = true
			if _, ok := tags[name]; !ok {
				t.Errorf("%s:%d: no entry has the tag %s", c.file, c.line, name)
			}
		}
	}
	for _, f := range declaredFiles {
		used[f.needs] = true
	}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		if !used[name] {
			t.Errorf("no template uses the tag %s", name)
		}
	}
}

// The code of a feature is in its own files or in declarations: few places in the middle of
// other code depend on the feature.
func TestFeaturesHaveFewRegions(t *testing.T) {
	const most = 8
	all := conditions(t)
	for _, feature := range answers.FeatureNames() {
		names := func(c condition) bool { return slices.Contains(c.names, feature) }
		own := make(map[string]bool)
		for _, c := range all {
			if c.scope == wholeFile && names(c) {
				own[c.file] = true
			}
		}
		var regions []condition
		for _, c := range all {
			if c.scope == region && names(c) && !own[c.file] {
				regions = append(regions, c)
			}
		}
		if len(regions) > most {
			t.Errorf("%s: %d regions outside its files, more than %d:", feature, len(regions), most)
			for _, c := range regions {
				t.Errorf("\t%s:%d", c.file, c.line)
			}
		}
		t.Logf("%s: %d regions, %d files", feature, len(regions), len(own))
	}
}

// The template of SECURITY.md has a row of one feature, since the tests of the templates
// read it in place.
func TestSecurityRowInTemplate(t *testing.T) {
	data, err := fs.ReadFile(templates.FS, templatePackage+"/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		row, ok := strings.CutSuffix(line, " <!-- authgen:value feature_rows -->\n")
		if ok && strings.Contains(answers.Default().SecurityRows(), row+"\n") {
			return
		}
	}
	t.Error("SECURITY.md does not have the row of any feature")
}
