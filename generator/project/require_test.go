package project

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMergeMod(t *testing.T) {
	const start = "module example.com/app\n\ngo 1.25.0\n"
	for _, c := range []struct {
		name, mod, other, want string
		raised                 []Raised
	}{
		{
			name:  "nothing is missing",
			mod:   "// The shop.\nmodule  example.com/app // odd\n\ngo 1.25.0\nrequire    a.com/a   v1.0.0 // indirect\n\n\n",
			other: start + "\nrequire a.com/a v1.0.0\n",
			want:  "// The shop.\nmodule  example.com/app // odd\n\ngo 1.25.0\nrequire    a.com/a   v1.0.0 // indirect\n\n\n",
		},
		{
			name:  "no requirements yet",
			mod:   start,
			other: start + "\nrequire (\n\tb.com/b v1.1.0\n\ta.com/a v1.0.0\n)\n\nrequire c.com/c v1.2.0 // indirect\n",
			want:  start + "\nrequire (\n\ta.com/a v1.0.0\n\tb.com/b v1.1.0\n)\n\nrequire c.com/c v1.2.0 // indirect\n",
		},
		{
			name:  "no newline at the end",
			mod:   strings.TrimSuffix(start, "\n"),
			other: start + "\nrequire a.com/a v1.0.0\n\nrequire c.com/c v1.2.0 // indirect\n",
			want:  start + "\nrequire a.com/a v1.0.0\n\nrequire c.com/c v1.2.0 // indirect\n",
		},
		{
			name: "blocks, comments and other directives",
			mod: start + `
// What the shop needs.
require (
	// The database.
	b.com/b v1.1.0 // do not raise

	d.com/d v1.0.0
)

replace b.com/b => ../b

exclude d.com/d v1.0.1

tool d.com/d/cmd/d

require (
	"m.com/m" v0.1.0 // indirect; needed by d
	x.com/x v0.2.0 // indirect
)

retract v1.0.0 // wrong
`,
			other: start + "\nrequire (\n\ta.com/a v1.0.0\n\tb.com/b v1.1.0\n\tc.com/c v1.0.0\n\td.com/d v1.0.0\n\tm.com/m v0.1.0 // indirect\n\tn.com/n v0.1.0 // indirect\n\tx.com/x v0.3.0 // indirect\n\tz.com/z v0.1.0 // indirect\n)\n",
			want: start + `
// What the shop needs.
require (
	a.com/a v1.0.0
	// The database.
	b.com/b v1.1.0 // do not raise
	c.com/c v1.0.0

	d.com/d v1.0.0
)

replace b.com/b => ../b

exclude d.com/d v1.0.1

tool d.com/d/cmd/d

require (
	"m.com/m" v0.1.0 // indirect; needed by d
	n.com/n v0.1.0 // indirect
	x.com/x v0.3.0 // indirect
	z.com/z v0.1.0 // indirect
)

retract v1.0.0 // wrong
`,
			raised: []Raised{{"x.com/x", "v0.2.0", "v0.3.0"}},
		},
		{
			name:  "direct and indirect requirements in one block",
			mod:   start + "\nrequire (\n\tb.com/b v1.1.0 // indirect\n\td.com/d v1.0.0\n)\n",
			other: start + "\nrequire (\n\ta.com/a v1.0.0\n\tb.com/b v1.1.0\n\tc.com/c v1.0.0 // indirect\n\td.com/d v1.0.0\n)\n",
			want:  start + "\nrequire (\n\ta.com/a v1.0.0\n\tb.com/b v1.1.0 // indirect\n\tc.com/c v1.0.0 // indirect\n\td.com/d v1.0.0\n)\n",
		},
		{
			name:   "single lines, one of them for the same module",
			mod:    start + "\nrequire d.com/d v1.0.0\nrequire d.com/d v1.2.0\n\nretract v1.0.0\n",
			other:  start + "\nrequire (\n\ta.com/a v1.0.0\n\td.com/d v1.3.0\n)\n",
			want:   start + "\nrequire d.com/d v1.0.0\nrequire d.com/d v1.3.0\n\nrequire a.com/a v1.0.0\n\nretract v1.0.0\n",
			raised: []Raised{{"d.com/d", "v1.2.0", "v1.3.0"}},
		},
		{
			name:  "a module that is left out, and one that the other lacks",
			mod:   start + "\nrequire d.com/d v1.0.0\n",
			other: start + "\nrequire work.com/lib v0.0.0\n",
			want:  start + "\nrequire d.com/d v1.0.0\n",
		},
		{
			name:  "directives of a later Go",
			mod:   start + "\nfuture (\n\tthing\n)\n",
			other: start + "\nrequire a.com/a v1.0.0\n",
			want:  start + "\nfuture (\n\tthing\n)\n\nrequire a.com/a v1.0.0\n",
		},
	} {
		for _, newline := range []string{"\n", "\r\n"} {
			lines := func(s string) string { return strings.ReplaceAll(s, "\n", newline) }
			got, raised, err := MergeMod([]byte(lines(c.mod)), []byte(c.other), map[string]bool{"work.com/lib": true})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if diff := cmp.Diff(lines(c.want), string(got)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", c.name, diff)
			}
			if diff := cmp.Diff(c.raised, raised); diff != "" {
				t.Errorf("%s: raised (-want +got)\n%s", c.name, diff)
			}
		}
	}

	_, _, err := MergeMod([]byte(start), []byte("module example.com/app\n\ngo 1.26.0\n"), nil)
	if err == nil || err.Error() != "go.mod says go 1.25.0, and the modules that the package needs require go 1.26.0 or later" {
		t.Errorf("a raised go line: error %v", err)
	}
}

func TestMergeSum(t *testing.T) {
	for _, c := range []struct{ name, sum, other, want string }{
		{"new file", "", "a v1 h1:x\nb v1 h1:y\n", "a v1 h1:x\nb v1 h1:y\n"},
		{"sorted", "b v1 h1:x\nd v1 h1:x\n", "a v1 h1:x\nb v1 h1:x\nc v1 h1:x\nd v1 h1:x\ne v1 h1:x\n", "a v1 h1:x\nb v1 h1:x\nc v1 h1:x\nd v1 h1:x\ne v1 h1:x\n"},
		{"lines that the other lacks stay", "b v1 h1:x\nunused v1 h1:x\n", "a v1 h1:x\nb v1 h1:x\n", "a v1 h1:x\nb v1 h1:x\nunused v1 h1:x\n"},
		{"not sorted, with a blank line", "d v1 h1:x\n\nb v1 h1:x", "b v1 h1:x\nc v1 h1:x\nd v1 h1:x\n", "d v1 h1:x\n\nb v1 h1:x\nc v1 h1:x\n"},
		{"other line ends", "b v1 h1:x\r\n", "a v1 h1:x\nb v1 h1:x\n", "a v1 h1:x\r\nb v1 h1:x\r\n"},
		{"nothing new", "b v1 h1:x\na v1 h1:x", "a v1 h1:x\n", "b v1 h1:x\na v1 h1:x"},
	} {
		if got := string(MergeSum([]byte(c.sum), []byte(c.other))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
