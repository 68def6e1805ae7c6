package merge

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var gitMerges = flag.Int("merge.git", 50, "how many random merges of each kind to compare with git's")

// git finds the same conflicts and writes the same text.
func TestLinesAsGit(t *testing.T) {
	g := newGit(t)
	for _, tt := range mergeTests {
		if strings.Contains(tt.base, "\x00") {
			continue // to git, a binary file
		}
		base, mine, new := []byte(tt.base), []byte(tt.mine), []byte(tt.new)
		text, clean := g.merge(base, mine, new)
		if clean != (tt.conflicts == nil) {
			t.Errorf("%s: clean is %t to git", tt.name, clean)
		}
		if !clean {
			// git does not say which text has no final newline, and ignores lines that
			// look like its markers.
			if strings.Contains(tt.want, noNewline) || markersFor(lineLabels, base, mine, new).size > markerSize {
				continue
			}
			text, _ = g.merge(base, mine, new, "--zdiff3", "-L", "mine", "-L", "base", "-L", "new")
		}
		if string(text) != tt.want {
			t.Errorf("%s (-want +git):\n%s", tt.name, cmp.Diff(tt.want, string(text)))
		}
	}
}

func TestRandomLinesAsGit(t *testing.T) {
	g := newGit(t)
	for _, tt := range []struct {
		name         string
		unique       int // percent
		lines, edits int // at most
	}{
		{"unique lines", 100, 25, 4},
		{"five lines", 0, 25, 4},
		{"repeated and unique lines", 50, 60, 4},
		{"rewritten", 10, 60, 25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScrambler(5, tt.unique)
			var clean, miss, extra, other int
			for range *gitMerges {
				lines := s.text(s.IntN(tt.lines))
				base, mine, new := join(lines), join(s.edit(lines, tt.edits)), join(s.edit(lines, tt.edits))
				want, wantClean := g.merge(base, mine, new)
				r := Lines(base, mine, new, lineLabels)
				what := ""
				switch gotClean := len(r.Conflicts) == 0; {
				case gotClean && !wantClean:
					what = "no conflict, unlike git"
					miss++
				case !gotClean && wantClean:
					what = "a conflict, unlike git"
					extra++
				case gotClean && !bytes.Equal(r.Text, want):
					what = "another text than git's"
					other++
				case gotClean:
					clean++
				}
				if what != "" {
					t.Errorf("%s: base %q, mine %q, new %q\ngot %q\ngit %q", what, base, mine, new, r.Text, want)
				}
			}
			t.Logf("of %d merges, %d are clean as with git; %d missed conflicts, %d extra conflicts, %d different texts",
				*gitMerges, clean, miss, extra, other)
		})
	}
}

// A gitMerger merges with git merge-file.
type gitMerger struct {
	t   *testing.T
	dir string
}

func newGit(t *testing.T) gitMerger {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	return gitMerger{t, t.TempDir()}
}

func (g gitMerger) merge(base, mine, new []byte, options ...string) (text []byte, clean bool) {
	g.t.Helper()
	for name, text := range map[string][]byte{"base": base, "mine": mine, "new": new} {
		if err := os.WriteFile(filepath.Join(g.dir, name), text, 0o666); err != nil {
			g.t.Fatal(err)
		}
	}
	cmd := exec.Command("git", slices.Concat([]string{"merge-file", "-p"}, options, []string{"mine", "base", "new"})...)
	cmd.Dir = g.dir
	text, err := cmd.Output()
	// The status is the number of conflicts, up to 127, or an error.
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 127) {
		g.t.Fatalf("git merge-file: %v", err)
	}
	return text, err == nil
}

// A scrambler makes random texts and edits of them, which are the same in every run.
type scrambler struct {
	*rand.Rand
	repeated int // how many different lines may be repeated
	unique   int // percentage of lines that are unique
	made     int
}

func newScrambler(repeated, unique int) *scrambler {
	return &scrambler{Rand: rand.New(rand.NewPCG(1, 2)), repeated: repeated, unique: unique}
}

func (s *scrambler) text(n int) [][]byte {
	lines := make([][]byte, n)
	for i := range lines {
		if s.IntN(100) < s.unique {
			s.made++
			lines[i] = fmt.Appendf(nil, "unique %d\n", s.made)
		} else {
			lines[i] = fmt.Appendf(nil, "%d\n", s.IntN(s.repeated))
		}
	}
	return lines
}

// edit returns lines with runs of them deleted, inserted, replaced, repeated or moved.
func (s *scrambler) edit(lines [][]byte, edits int) [][]byte {
	lines = slices.Clone(lines)
	for range 1 + s.IntN(edits) {
		lo := s.IntN(len(lines) + 1)
		hi := min(len(lines), lo+s.IntN(4))
		run := slices.Clone(lines[lo:hi])
		switch s.IntN(5) {
		case 0:
			lines = slices.Delete(lines, lo, hi)
		case 1:
			lines = slices.Insert(lines, lo, s.text(1+s.IntN(3))...)
		case 2:
			lines = slices.Replace(lines, lo, hi, s.text(1+s.IntN(3))...)
		case 3:
			lines = slices.Insert(lines, lo, run...)
		case 4:
			lines = slices.Delete(lines, lo, hi)
			lines = slices.Insert(lines, s.IntN(len(lines)+1), run...)
		}
	}
	return lines
}
