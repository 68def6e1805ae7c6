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
	"testing"
)

var gitMerges = flag.Int("merge.git", 200, "how many random merges of each kind to compare with git's")

// gitMerge merges with git merge-file, in dir.
func gitMerge(t *testing.T, dir string, base, mine, new []byte) (text []byte, clean bool) {
	t.Helper()
	for name, text := range map[string][]byte{"base": base, "mine": mine, "new": new} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("git", "merge-file", "-p", "mine", "base", "new")
	cmd.Dir = dir
	text, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() < 0 || exit.ExitCode() > 127) {
		t.Fatalf("git merge-file: %v", err)
	}
	return text, err == nil
}

// A scrambler makes texts and edits of them.
type scrambler struct {
	*rand.Rand
	alphabet    int // of how many lines; 0 if each is another
	lines       int // made so far
	mode, heavy int
}

func (s *scrambler) line() string {
	if s.alphabet > 0 && !(s.mode == 1 && s.IntN(2) == 0) && !(s.mode == 2 && s.IntN(8) == 0) {
		return fmt.Sprintf("%c%d\n", "abcde"[s.IntN(5)], s.IntN((s.alphabet+4)/5))
	}
	s.lines++
	return fmt.Sprintf("line %d\n", s.lines)
}

func (s *scrambler) text(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = s.line()
	}
	return lines
}

func (s *scrambler) edit(lines []string) []string {
	for range 1 + s.IntN(max(4, s.heavy)) {
		lo := s.IntN(len(lines) + 1)
		hi := min(len(lines), lo+s.IntN(4))
		var run []string
		switch s.IntN(5) {
		case 0: // delete
		case 1: // insert
			hi, run = lo, s.text(1+s.IntN(3))
		case 2: // replace
			run = s.text(1 + s.IntN(3))
		case 3: // repeat
			run = append(append(run, lines[lo:hi]...), lines[lo:hi]...)
		case 4: // move
			moved := append([]string(nil), lines[lo:hi]...)
			lines = append(append([]string(nil), lines[:lo]...), lines[hi:]...)
			lo = s.IntN(len(lines) + 1)
			hi, run = lo, moved
		}
		lines = append(append(append([]string(nil), lines[:lo]...), run...), lines[hi:]...)
	}
	return lines
}

func cat(lines []string) []byte {
	var b bytes.Buffer
	for _, line := range lines {
		b.WriteString(line)
	}
	return b.Bytes()
}

func TestRandomLinesAsGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct {
		name     string
		alphabet int
	}{
		{"unique lines", 0},
		{"five lines", 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := &scrambler{Rand: rand.New(rand.NewPCG(1, 2)), alphabet: tt.alphabet}
			var miss, extra, other, clean int
			for range *gitMerges {
				lines := s.text(s.IntN(25))
				base, mine, new := cat(lines), cat(s.edit(lines)), cat(s.edit(lines))
				want, wantClean := gitMerge(t, dir, base, mine, new)
				got := Lines(base, mine, new, Labels{"mine", "base", "new"})
				gotClean := len(got.Conflicts) == 0
				kind := ""
				switch {
				case gotClean && !wantClean:
					miss++
					kind = "MISS"
				case !gotClean && wantClean:
					extra++
					kind = "EXTRA"
				case gotClean && !bytes.Equal(got.Text, want):
					other++
					kind = "DIFF"
				case gotClean:
					clean++
				}
				if kind != "" {
					t.Logf("%s base %q mine %q new %q\ngit  %q\nours %q", kind, base, mine, new, want, got.Text)
				}
			}
			t.Logf("of %d: clean and equal %d, miss %d, extra %d, other text %d", *gitMerges, clean, miss, extra, other)
		})
	}
}
