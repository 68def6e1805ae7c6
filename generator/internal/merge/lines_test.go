package merge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var lineLabels = Labels{Mine: "mine", Base: "base", New: "new"}

// marked returns a conflict as Lines writes it. Sections must be empty or end in a line
// feed.
func marked(mine, base, new string) string {
	return "<<<<<<< mine\n" + mine + "||||||| base\n" + base + "=======\n" + new + ">>>>>>> new\n"
}

// crlf returns text with CRLF line endings.
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// numbered returns n different lines. Those in change are replaced.
func numbered(n int, change map[int]string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if line, ok := change[i]; ok {
			b.WriteString(line)
			continue
		}
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

const (
	funcA = "func A() {\n\ta()\n}\n"
	funcB = "func B() {\n\tb()\n}\n"
	funcC = "func C() {\n\tc()\n}\n"
	bom   = "\ufeff"
)

type mergeTest struct {
	name            string
	base, mine, new string
	want            string
	conflicts       []int // the lines at which they begin
}

var mergeTests = []mergeTest{
	{
		name: "no change",
		base: "a\nb\n", mine: "a\nb\n", new: "a\nb\n",
		want: "a\nb\n",
	},
	{
		name: "mine changed",
		base: "a\nb\nc\n", mine: "a\nB\nc\n", new: "a\nb\nc\n",
		want: "a\nB\nc\n",
	},
	{
		name: "new changed",
		base: "a\nb\nc\n", mine: "a\nb\nc\n", new: "a\nB\nc\n",
		want: "a\nB\nc\n",
	},
	{
		name: "both changed alike",
		base: "a\nb\nc\n", mine: "a\nB\nc\n", new: "a\nB\nc\n",
		want: "a\nB\nc\n",
	},
	{
		name: "alike in one place and apart in others",
		base: "a\nb\nc\nd\ne\n", mine: "a\nb\nC\nd\nE\n", new: "A\nb\nC\nd\ne\n",
		want: "A\nb\nC\nd\nE\n",
	},
	{
		name: "one line apart",
		base: "a\nb\nc\n", mine: "A\nb\nc\n", new: "a\nb\nC\n",
		want: "A\nb\nC\n",
	},
	{
		name: "next to each other",
		base: "a\nb\nc\nd\n", mine: "a\nB\nc\nd\n", new: "a\nb\nC\nd\n",
		want:      "a\n" + marked("B\nc\n", "b\nc\n", "b\nC\n") + "d\n",
		conflicts: []int{2},
	},
	{
		name: "same line",
		base: "a\nb\nc\n", mine: "a\nM\nc\n", new: "a\nN\nc\n",
		want:      "a\n" + marked("M\n", "b\n", "N\n") + "c\n",
		conflicts: []int{2},
	},
	{
		name: "first line",
		base: "a\nb\n", mine: "M\nb\n", new: "N\nb\n",
		want:      marked("M\n", "a\n", "N\n") + "b\n",
		conflicts: []int{1},
	},
	{
		name: "two conflicts",
		base: "a\nb\nc\nd\ne\n", mine: "a\nM\nc\nM\ne\n", new: "a\nN\nc\nN\ne\n",
		want:      "a\n" + marked("M\n", "b\n", "N\n") + "c\n" + marked("M\n", "d\n", "N\n") + "e\n",
		conflicts: []int{2, 10},
	},
	{
		name: "deleted and changed",
		base: "a\nb\nc\n", mine: "a\nc\n", new: "a\nB\nc\n",
		want:      "a\n" + marked("", "b\n", "B\n") + "c\n",
		conflicts: []int{2},
	},
	{
		name: "changed and deleted",
		base: "a\nb\nc\n", mine: "a\nB\nc\n", new: "a\nc\n",
		want:      "a\n" + marked("B\n", "b\n", "") + "c\n",
		conflicts: []int{2},
	},
	{
		name: "both deleted",
		base: "a\nb\nc\n", mine: "a\nc\n", new: "a\nc\n",
		want: "a\nc\n",
	},
	{
		name: "deletions that overlap",
		base: "a\nb\nc\nd\ne\n", mine: "a\nd\ne\n", new: "a\nb\ne\n",
		want:      "a\n" + marked("d\n", "b\nc\nd\n", "b\n") + "e\n",
		conflicts: []int{2},
	},
	{
		name: "deletions that touch",
		base: "a\nb\nc\nd\ne\nf\n", mine: "a\nd\ne\nf\n", new: "a\nb\nc\nf\n",
		want:      "a\n" + marked("d\ne\n", "b\nc\nd\ne\n", "b\nc\n") + "f\n",
		conflicts: []int{2},
	},
	{
		name: "deletion within a deletion",
		base: "a\nb\nc\nd\ne\n", mine: "a\ne\n", new: "a\nb\nd\ne\n",
		want:      "a\n" + marked("", "b\nc\nd\n", "b\nd\n") + "e\n",
		conflicts: []int{2},
	},
	{
		name: "a chain of changes",
		base: "a\nb\nc\nd\ne\nf\n", mine: "a\nB\nC\nd\nE\nf\n", new: "a\nb\nX\nX\ne\nf\n",
		want:      "a\n" + marked("B\nC\nd\nE\n", "b\nc\nd\ne\n", "b\nX\nX\ne\n") + "f\n",
		conflicts: []int{2},
	},
	{
		name: "insertions at one point",
		base: "a\nb\n", mine: "a\nm\nb\n", new: "a\nn\nb\n",
		want:      "a\n" + marked("m\n", "", "n\n") + "b\n",
		conflicts: []int{2},
	},
	{
		name: "insertions at one point that are equal",
		base: "a\nb\n", mine: "a\nx\nb\n", new: "a\nx\nb\n",
		want: "a\nx\nb\n",
	},
	{
		name: "insertions at one point that begin alike",
		base: "a\nb\n", mine: "a\nx\nb\n", new: "a\nx\ny\nb\n",
		want:      "a\nx\n" + marked("", "", "y\n") + "b\n",
		conflicts: []int{3},
	},
	{
		name: "insertions at one point that begin and end alike",
		base: "a\nb\n", mine: "a\nx\nm\ny\nb\n", new: "a\nx\nn\ny\nb\n",
		want:      "a\nx\n" + marked("m\n", "", "n\n") + "y\nb\n",
		conflicts: []int{3},
	},
	{
		name: "changes that begin and end alike",
		base: "a\n1\n2\n3\nb\n", mine: "a\nx\nm\ny\nb\n", new: "a\nx\nn\ny\nb\n",
		want:      "a\nx\n" + marked("m\n", "1\n2\n3\n", "n\n") + "y\nb\n",
		conflicts: []int{3},
	},
	{
		name: "changes that are alike in the middle",
		base: "a\n1\n2\n3\nb\n", mine: "a\nm\nx\nm\nb\n", new: "a\nn\nx\nn\nb\n",
		want:      "a\n" + marked("m\nx\nm\n", "1\n2\n3\n", "n\nx\nn\n") + "b\n",
		conflicts: []int{2},
	},
	{
		name: "insertions at both ends",
		base: "a\nb\n", mine: "m\na\nb\n", new: "a\nb\nn\n",
		want: "m\na\nb\nn\n",
	},
	{
		name: "insertions at the end",
		base: "a\n", mine: "a\nm\n", new: "a\nn\n",
		want:      "a\n" + marked("m\n", "", "n\n"),
		conflicts: []int{2},
	},
	{
		name: "insertion before a changed line",
		base: "a\nb\nc\n", mine: "a\nm\nb\nc\n", new: "a\nB\nc\n",
		want:      "a\n" + marked("m\nb\n", "b\n", "B\n") + "c\n",
		conflicts: []int{2},
	},
	{
		name: "insertion after a changed line",
		base: "a\nb\nc\n", mine: "a\nb\nm\nc\n", new: "a\nB\nc\n",
		want:      "a\n" + marked("b\nm\n", "b\n", "B\n") + "c\n",
		conflicts: []int{2},
	},
	{
		name: "insertion before a deleted line",
		base: "a\nb\nc\n", mine: "a\nm\nb\nc\n", new: "a\nc\n",
		want:      "a\n" + marked("m\nb\n", "b\n", "") + "c\n",
		conflicts: []int{2},
	},
	{
		name: "insertion into deleted lines",
		base: "a\nb\nc\nd\n", mine: "a\nb\nm\nc\nd\n", new: "a\nd\n",
		want:      "a\n" + marked("b\nm\nc\n", "b\nc\n", "") + "d\n",
		conflicts: []int{2},
	},
	{
		name: "white space against a change",
		base: "a\n\tb\nc\n", mine: "a\n    b\nc\n", new: "a\n\tb()\nc\n",
		want:      "a\n" + marked("    b\n", "\tb\n", "\tb()\n") + "c\n",
		conflicts: []int{2},
	},

	{
		name: "no base",
		base: "", mine: "a\nb\n", new: "a\nb\n",
		want: "a\nb\n",
	},
	{
		name: "no base and two texts",
		base: "", mine: "m\n", new: "n\n",
		want:      marked("m\n", "", "n\n"),
		conflicts: []int{1},
	},
	{
		name: "no text at all",
	},
	{
		name: "mine is emptied",
		base: "a\nb\n", mine: "", new: "a\nb\n",
		want: "",
	},
	{
		name: "mine is emptied and new changed",
		base: "a\nb\n", mine: "", new: "a\nB\n",
		want:      marked("", "a\nb\n", "a\nB\n"),
		conflicts: []int{1},
	},
	{
		name: "new is emptied and mine changed",
		base: "a\nb\n", mine: "A\nb\n", new: "",
		want:      marked("A\nb\n", "a\nb\n", ""),
		conflicts: []int{1},
	},
	{
		name: "both are emptied",
		base: "a\nb\n", mine: "", new: "",
		want: "",
	},
	{
		name: "all replaced by mine",
		base: "a\nb\n", mine: "x\ny\nz\n", new: "a\nb\n",
		want: "x\ny\nz\n",
	},
	{
		name: "all replaced by both alike",
		base: "a\nb\n", mine: "x\ny\nz\n", new: "x\ny\nz\n",
		want: "x\ny\nz\n",
	},
	{
		name: "all replaced by both",
		base: "a\nb\n", mine: "m\nm\nm\n", new: "n\n",
		want:      marked("m\nm\nm\n", "a\nb\n", "n\n"),
		conflicts: []int{1},
	},

	{
		name: "no final newline anywhere",
		base: "a\nb\nc", mine: "A\nb\nc", new: "a\nb\nc",
		want: "A\nb\nc",
	},
	{
		name: "mine took the final newline off",
		base: "a\nb\nc\n", mine: "a\nb\nc", new: "A\nb\nc\n",
		want: "A\nb\nc",
	},
	{
		name: "new added the final newline",
		base: "a\nb\nc", mine: "A\nb\nc", new: "a\nb\nc\n",
		want: "A\nb\nc\n",
	},
	{
		name: "both added the final newline",
		base: "a\nb", mine: "a\nb\n", new: "a\nb\n",
		want: "a\nb\n",
	},
	{
		name: "mine without final newline in a conflict",
		base: "a\nb\n", mine: "a\nm", new: "a\nn\n",
		want: "a\n<<<<<<< mine (no newline at end of file)\nm\n" +
			"||||||| base\nb\n=======\nn\n>>>>>>> new\n",
		conflicts: []int{2},
	},
	{
		name: "base without final newline in a conflict",
		base: "a\nb", mine: "a\nm\n", new: "a\nn\n",
		want: "a\n<<<<<<< mine\nm\n" +
			"||||||| base (no newline at end of file)\nb\n=======\nn\n>>>>>>> new\n",
		conflicts: []int{2},
	},
	{
		name: "new without final newline in a conflict",
		base: "a\nb\n", mine: "a\nm\n", new: "a\nn",
		want: "a\n<<<<<<< mine\nm\n||||||| base\nb\n=======\nn\n" +
			">>>>>>> new (no newline at end of file)\n",
		conflicts: []int{2},
	},
	{
		name: "appended where there was no final newline",
		base: "a", mine: "a\nm", new: "a\nn",
		want: "a\n<<<<<<< mine (no newline at end of file)\nm\n" +
			"||||||| base (no newline at end of file)\na\n=======\nn\n" +
			">>>>>>> new (no newline at end of file)\n",
		conflicts: []int{2},
	},
	{
		name: "no final newline after a conflict",
		base: "a\nb\nc", mine: "a\nm\nc", new: "a\nn\nc",
		want:      "a\n" + marked("m\n", "b\n", "n\n") + "c",
		conflicts: []int{2},
	},

	{
		name: "CRLF",
		base: "a\r\nb\r\nc\r\n", mine: "A\r\nb\r\nc\r\n", new: "a\r\nb\r\nC\r\n",
		want: "A\r\nb\r\nC\r\n",
	},
	{
		name: "CRLF in a conflict",
		base: "a\r\nb\r\nc\r\n", mine: "a\r\nM\r\nc\r\n", new: "a\r\nN\r\nc\r\n",
		want:      crlf("a\n" + marked("M\n", "b\n", "N\n") + "c\n"),
		conflicts: []int{2},
	},
	{
		name: "CRLF without the last one in a conflict",
		base: "a\r\nb\r\n", mine: "a\r\nM", new: "a\r\nN\r\n",
		want: crlf("a\n<<<<<<< mine (no newline at end of file)\nM\n" +
			"||||||| base\nb\n=======\nN\n>>>>>>> new\n"),
		conflicts: []int{2},
	},
	{
		name: "carriage return at the end without line feed",
		base: "a\nb\n", mine: "a\nM\r", new: "a\nN\n",
		want: "a\n<<<<<<< mine (no newline at end of file)\nM\r\n" +
			"||||||| base\nb\n=======\nN\n>>>>>>> new\n",
		conflicts: []int{2},
	},
	{
		name: "mine changed to CRLF",
		base: "a\nb\n", mine: "a\r\nb\r\n", new: "a\nB\n",
		want:      marked("a\r\nb\r\n", "a\nb\n", "a\nB\n"),
		conflicts: []int{1},
	},
	{
		name: "lone carriage returns",
		base: "a\rb\rc", mine: "a\rB\rc", new: "a\rb\rc",
		want: "a\rB\rc",
	},
	{
		name: "both changed to CRLF",
		base: "a\nb\n", mine: "a\r\nM\r\n", new: "a\r\nN\r\n",
		want:      "a\r\n" + marked("M\r\n", "a\nb\n", "N\r\n"),
		conflicts: []int{2},
	},
	{
		name: "byte order mark",
		base: bom + "a\nb\nc\n", mine: bom + "a\nb\nC\n", new: bom + "A\nb\nc\n",
		want: bom + "A\nb\nC\n",
	},
	{
		name: "byte order mark added",
		base: "a\nb\nc\n", mine: bom + "a\nb\nc\n", new: "a\nb\nC\n",
		want: bom + "a\nb\nC\n",
	},
	{
		name: "byte order mark in a conflict",
		base: "a\nb\n", mine: bom + "a\nb\n", new: "A\nb\n",
		want:      marked(bom+"a\n", "a\n", "A\n") + "b\n",
		conflicts: []int{1},
	},
	{
		name: "NUL",
		base: "a\x00\nb\nc\x00\n", mine: "a\x00\nb\nc\x00m\n", new: "a\x00n\nb\nc\x00\n",
		want: "a\x00n\nb\nc\x00m\n",
	},
	{
		name: "NUL in a conflict",
		base: "a\x00\nb\n", mine: "a\x00m\nb\n", new: "a\x00n\nb\n",
		want:      marked("a\x00m\n", "a\x00\n", "a\x00n\n") + "b\n",
		conflicts: []int{1},
	},
	{
		name: "invalid UTF-8",
		base: "\xff\nb\n\xc3\n", mine: "\xfe\nb\n\xc3\n", new: "\xff\nb\n\xc3\x28\n",
		want: "\xfe\nb\n\xc3\x28\n",
	},
	{
		name: "invalid UTF-8 that differs",
		base: "a\n", mine: "\xff\n", new: "\xfe\n",
		want:      marked("\xff\n", "a\n", "\xfe\n"),
		conflicts: []int{1},
	},

	{
		name: "long lines",
		base: strings.Repeat("x", 100_000) + "\nb\n" + strings.Repeat("y", 100_000),
		mine: strings.Repeat("x", 100_000) + "m\nb\n" + strings.Repeat("y", 100_000),
		new:  strings.Repeat("x", 100_000) + "\nb\n" + strings.Repeat("y", 100_000) + "n",
		want: strings.Repeat("x", 100_000) + "m\nb\n" + strings.Repeat("y", 100_000) + "n",
	},
	{
		name:      "many lines",
		base:      numbered(70_000, nil),
		mine:      numbered(70_000, map[int]string{1: "m\n", 35_000: "m\n", 60_000: "", 70_000: "m\n"}),
		new:       numbered(70_000, map[int]string{3: "", 35_000: "n\n", 60_002: "n\nn\n"}),
		want:      numbered(70_000, map[int]string{1: "m\n", 3: "", 35_000: marked("m\n", "line 35000\n", "n\n"), 60_000: "", 60_002: "n\nn\n", 70_000: "m\n"}),
		conflicts: []int{34_999},
	},

	{
		name: "a repeated line more and one less",
		base: "a\na\na\n", mine: "a\na\na\na\n", new: "a\na\n",
		want:      "a\na\n" + marked("a\na\n", "a\n", ""),
		conflicts: []int{3},
	},
	{
		name: "a repeated line replaced and one appended",
		base: "a\na\n", mine: "m\na\n", new: "a\na\nn\n",
		want: "m\na\nn\n",
	},
	{
		name: "one repeated line more in each",
		base: "x\na\na\ny\n", mine: "x\na\na\na\ny\n", new: "x\na\na\na\ny\n",
		want: "x\na\na\na\ny\n",
	},
	{
		name: "a function between two that end alike",
		base: funcA + "\n" + funcC, mine: funcA + "\n" + funcB + "\n" + funcC, new: funcA + "\n" + strings.Replace(funcC, "c()", "d()", 1),
		want: funcA + "\n" + funcB + "\n" + strings.Replace(funcC, "c()", "d()", 1),
	},
	{
		name: "functions appended by both",
		base: funcA, mine: funcA + "\n" + funcB, new: funcA + "\n" + funcC,
		want:      funcA + "\n" + marked("func B() {\n\tb()\n", "", "func C() {\n\tc()\n") + "}\n",
		conflicts: []int{5},
	},
	{
		name: "a copy of a function, the other changed",
		base: funcA + "\n" + funcB, mine: funcA + "\n" + funcA + "\n" + funcB, new: strings.Replace(funcA, "a()", "n()", 1) + "\n" + funcB,
		want: strings.Replace(funcA, "a()", "n()", 1) + "\n" + funcA + "\n" + funcB,
	},
	{
		name: "a line in a function that is gone",
		base: funcA + "\n" + funcB + "\n" + funcC,
		mine: funcA + "\n" + strings.Replace(funcB, "b()", "b()\n\tmine()", 1) + "\n" + funcC,
		new:  funcA + "\n" + funcC,
		want: funcA + "\n" +
			marked("func B() {\n\tb()\n\tmine()\n}\n\n", funcB+"\n", "") + funcC,
		conflicts: []int{5},
	},
	{
		name: "a line in a function that has moved",
		base: funcA + "\n" + funcB + "\n" + funcC,
		mine: funcC + "\n" + funcA + "\n" + funcB,
		new:  funcA + "\n" + funcB + "\n" + strings.Replace(funcC, "c()", "fix()\n\tc()", 1),
		want: funcC + "\n" + funcA + "\n" + funcB +
			marked("", "\n"+funcC, "\n"+strings.Replace(funcC, "c()", "fix()\n\tc()", 1)),
		conflicts: []int{12},
	},
	{
		name: "a line in a function beside one that has moved",
		base: funcA + "\n" + funcB + "\n" + funcC,
		mine: funcC + "\n" + funcA + "\n" + funcB,
		new:  strings.Replace(funcA, "a()", "fix()\n\ta()", 1) + "\n" + funcB + "\n" + funcC,
		want: funcC + "\n" + strings.Replace(funcA, "a()", "fix()\n\ta()", 1) + "\n" + funcB,
	},
	{
		name: "moved by both to one place",
		base: funcA + funcB + funcC, mine: funcC + funcA + funcB, new: funcC + funcA + funcB,
		want: funcC + funcA + funcB,
	},

	{
		name: "marker-like lines",
		base: "<<<<<<< x\na\n=======\nb\n>>>>>>> y\nc\n", mine: "<<<<<<< x\nA\n=======\nb\n>>>>>>> y\nc\n", new: "<<<<<<< x\na\n=======\nb\n>>>>>>> y\nC\n",
		want: "<<<<<<< x\nA\n=======\nb\n>>>>>>> y\nC\n",
	},
	{
		name: "marker-like lines beside a conflict",
		base: "<<<<<<< x\na\n=======\nb\n>>>>>>> y\nc\n", mine: "<<<<<<< x\na\n=======\nb\n>>>>>>> y\nM\n", new: "<<<<<<< x\na\n=======\nb\n>>>>>>> y\nN\n",
		want: "<<<<<<< x\na\n=======\nb\n>>>>>>> y\n" +
			"<<<<<<<< mine\nM\n|||||||| base\nc\n========\nN\n>>>>>>>> new\n",
		conflicts: []int{6},
	},
	{
		name: "marker-like lines in a conflict",
		base: "a\n", mine: "=======\n", new: ">>>>>>>> x",
		want: "<<<<<<<<< mine\n=======\n||||||||| base\na\n=========\n>>>>>>>> x\n" +
			">>>>>>>>> new (no newline at end of file)\n",
		conflicts: []int{1},
	},
	{
		name: "a heading as long as a marker beside a conflict",
		base: "Heading\n=======\nb\n", mine: "Heading\n=======\nM\n", new: "Heading\n=======\nN\n",
		want:      "Heading\n=======\n<<<<<<<< mine\nM\n|||||||| base\nb\n========\nN\n>>>>>>>> new\n",
		conflicts: []int{3},
	},
	{
		name: "a longer heading beside a conflict",
		base: "Long heading\n============\nb\n", mine: "Long heading\n============\nM\n", new: "Long heading\n============\nN\n",
		want:      "Long heading\n============\n" + marked("M\n", "b\n", "N\n"),
		conflicts: []int{3},
	},
	{
		name: "no markers, if nearly",
		base: "a\n", mine: "<<<<<<<x\n", new: " =======\n",
		want:      marked("<<<<<<<x\n", "a\n", " =======\n"),
		conflicts: []int{1},
	},
}

func TestLines(t *testing.T) {
	for _, tt := range mergeTests {
		t.Run(tt.name, func(t *testing.T) {
			base, mine, new := []byte(tt.base), []byte(tt.mine), []byte(tt.new)
			got := Lines(base, mine, new, lineLabels)
			if diff := cmp.Diff(tt.want, string(got.Text)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			var lines []int
			for _, c := range got.Conflicts {
				lines = append(lines, c.Line)
			}
			if diff := cmp.Diff(tt.conflicts, lines); diff != "" {
				t.Errorf("lines of conflicts (-want +got):\n%s", diff)
			}
			checkLines(t, base, mine, new)
		})
	}
}

// checkLines checks what must be true for every merge.
func checkLines(t *testing.T, base, mine, new []byte) {
	t.Helper()
	// If one side is unchanged, the result is the other; if both are equal, the result is
	// that text.
	for _, tt := range []struct {
		name                  string
		base, mine, new, want []byte
	}{
		{"base, base, new", base, base, new, new},
		{"base, mine, base", base, mine, base, mine},
		{"base, mine, mine", base, mine, mine, mine},
	} {
		r := Lines(tt.base, tt.mine, tt.new, lineLabels)
		if len(r.Conflicts) > 0 || !bytes.Equal(r.Text, tt.want) {
			t.Errorf("merge of %s:\n%q\nwant\n%q", tt.name, r.Text, tt.want)
		}
	}

	r, swapped := Lines(base, mine, new, lineLabels), Lines(base, new, mine, lineLabels)
	if len(r.Conflicts) != len(swapped.Conflicts) {
		t.Errorf("%d conflicts, %d with the sides swapped", len(r.Conflicts), len(swapped.Conflicts))
	}
	resolved := map[Side][]byte{Mine: r.Text, New: r.Text}
	if len(r.Conflicts) > 0 {
		var lines []int
		for i, c := range r.Conflicts {
			lines = append(lines, c.Line)
			s := swapped.Conflicts[i]
			if !bytes.Equal(c.Mine, s.New) || !bytes.Equal(c.New, s.Mine) || !bytes.Equal(c.Base, s.Base) {
				t.Errorf("conflict %+v\nwith the sides swapped %+v", c, s)
			}
		}
		if diff := cmp.Diff(lines, Markers(r.Text)); diff != "" {
			t.Errorf("lines of conflicts (-in result +by Markers):\n%s\n%q", diff, r.Text)
		}
		for side := range resolved {
			var err error
			if resolved[side], err = Resolve(r.Text, side); err != nil {
				t.Fatalf("%v in\n%q", err, r.Text)
			}
			if want := resolve(r, side); !bytes.Equal(resolved[side], want) {
				t.Errorf("resolved to side %d:\n%q\nwant\n%q\nof\n%q", side, resolved[side], want, r.Text)
			}
		}
	} else if !bytes.Equal(r.Text, swapped.Text) {
		t.Errorf("with the sides swapped the text is\n%q\nnot\n%q", swapped.Text, r.Text)
	}

	// If conflicts are resolved to a side, all lines that it added are kept. Without
	// conflicts, so are those of the other side. No line is new.
	inBase, inMine, inNew := countOf(base), countOf(mine), countOf(new)
	for side, text := range resolved {
		in := countOf(text)
		for line, n := range in {
			if inBase[line]+inMine[line]+inNew[line] == 0 {
				t.Errorf("side %d: %d of line %q, which no text has", side, n, line)
			}
		}
		for added, counts := range map[Side]map[string]int{Mine: inMine, New: inNew} {
			if added != side && len(r.Conflicts) > 0 {
				continue
			}
			for line, n := range counts {
				if inBase[line] == 0 && in[line] < n {
					t.Errorf("side %d: %d of line %q, of which side %d added %d", side, in[line], line, added, n)
				}
			}
		}
	}
}

// resolve is Resolve for a result of Lines, by its conflicts.
func resolve(r Result, side Side) []byte {
	lines := split(r.Text)
	var out []byte
	at := 0
	for _, c := range r.Conflicts {
		out = append(out, bytes.Join(lines[at:c.Line-1], nil)...)
		out = append(out, map[Side][]byte{Mine: c.Mine, New: c.New}[side]...)
		at = c.Line - 1 + 4 + len(split(c.Mine)) + len(split(c.Base)) + len(split(c.New))
	}
	return append(out, bytes.Join(lines[at:], nil)...)
}

func countOf(text []byte) map[string]int {
	n := map[string]int{}
	for line := range bytes.Lines(text) {
		n[string(line)]++
	}
	return n
}

func FuzzLines(f *testing.F) {
	for _, tt := range mergeTests {
		if len(tt.base) < 1000 {
			f.Add([]byte(tt.base), []byte(tt.mine), []byte(tt.new))
		}
	}
	f.Fuzz(func(t *testing.T, base, mine, new []byte) {
		checkLines(t, base, mine, new)
		checkLines(t, eachALine(base), eachALine(mine), eachALine(new))
	})
}

// eachALine turns each byte into a line, since texts from a fuzzer have few lines.
func eachALine(text []byte) []byte {
	var b []byte
	for _, c := range text {
		b = append(b, c, '\n')
	}
	return b
}

func BenchmarkLines(b *testing.B) {
	for _, bb := range []struct {
		name     string
		lines    int
		repeated int // number of different lines; 0 if all differ
		every    int // one in this many lines is changed, in mine and in new
	}{
		{"1k unique lines, 1 percent changed", 1000, 0, 100},
		{"70k unique lines, 1 percent changed", 70_000, 0, 100},
		{"70k unique lines, half changed", 70_000, 0, 2},
		{"70k of 1000 lines, half changed", 70_000, 1000, 2},
		{"70k of 1000 lines, all changed", 70_000, 1000, 1},
		{"70k of 5 lines, all changed", 70_000, 5, 1},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := newScrambler(bb.repeated, 0)
			if bb.repeated == 0 {
				s.unique = 100
			}
			lines := s.text(bb.lines)
			change := func() []byte {
				changed := slices.Clone(lines)
				for i := s.IntN(bb.every); i < len(lines); i += bb.every {
					changed[i] = s.text(1)[0]
				}
				return join(changed)
			}
			base, mine, new := join(lines), change(), change()
			b.ReportAllocs()
			for b.Loop() {
				Lines(base, mine, new, lineLabels)
			}
		})
	}
}
