package merge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		name      string
		text      string
		mine, new string
		markers   []int
	}{
		{
			name: "empty",
		},
		{
			name: "no conflict",
			text: "a\nb", mine: "a\nb", new: "a\nb",
		},
		{
			name: "two conflicts",
			text: "a\n" + marked("m\n", "b\n", "n\n") + "c\n" + marked("", "d\n", "n\nn\n"),
			mine: "a\nm\nc\n", new: "a\nn\nc\nn\nn\n",
			markers: []int{2, 10},
		},
		{
			name: "conflicts in a row",
			text: marked("1\n", "", "2\n") + marked("3\n", "", "4\n"),
			mine: "1\n3\n", new: "2\n4\n",
			markers: []int{1, 7},
		},
		{
			name: "without the base",
			text: "<<<<<<< HEAD\nm\n=======\nn\n>>>>>>> feature\n",
			mine: "m\n", new: "n\n",
			markers: []int{1},
		},
		{
			name: "without labels",
			text: "<<<<<<<\nm\n|||||||\nb\n=======\nn\n>>>>>>>\n",
			mine: "m\n", new: "n\n",
			markers: []int{1},
		},
		{
			name: "CRLF",
			text: crlf("a\n" + marked("m\n", "b\n", "n\n") + "c\n"),
			mine: "a\r\nm\r\nc\r\n", new: "a\r\nn\r\nc\r\n",
			markers: []int{2},
		},
		{
			name: "last marker without newline",
			text: "<<<<<<< x\nm\n=======\nn\n>>>>>>> y",
			mine: "m\n", new: "n\n",
			markers: []int{1},
		},
		{
			name: "no final newline",
			text: "<<<<<<< x (no newline at end of file)\nm\n||||||| b\n=======\nn\n>>>>>>> y\n",
			mine: "m", new: "n\n",
			markers: []int{1},
		},
		{
			name: "no final newline, but more was added",
			text: "<<<<<<< x\nm\n||||||| b\n=======\nn\n>>>>>>> y (no newline at end of file)\nmore\n",
			mine: "m\nmore\n", new: "n\nmore\n",
			markers: []int{1},
		},
		{
			name: "no final newline, but the section is gone",
			text: "a\n<<<<<<< x (no newline at end of file)\n||||||| b\n=======\n>>>>>>> y (no newline at end of file)\n",
			mine: "a\n", new: "a\n",
			markers: []int{2},
		},
		{
			name: "heading",
			text: "Heading\n=======\n" + marked("m\n", "b\n", "n\n") + "Heading\n=======\n",
			mine: "Heading\n=======\nm\nHeading\n=======\n", new: "Heading\n=======\nn\nHeading\n=======\n",
			markers: []int{3},
		},
		{
			name: "long markers and others",
			text: ">>>>>>> z\n<<<<<<<< x\n<<<<<<< m\n|||||||| b\n=======\n========\n>>>>>>> n\n>>>>>>>> y\n|||||||||\n",
			mine: ">>>>>>> z\n<<<<<<< m\n|||||||||\n", new: ">>>>>>> z\n>>>>>>> n\n|||||||||\n",
			markers: []int{2},
		},
		{
			name: "nearly markers",
			text: "<<<<<< six\n<<<<<<<x\n <<<<<<< y\n>>>>>>>\tz\n======= \n",
			mine: "<<<<<< six\n<<<<<<<x\n <<<<<<< y\n>>>>>>>\tz\n======= \n",
			new:  "<<<<<< six\n<<<<<<<x\n <<<<<<< y\n>>>>>>>\tz\n======= \n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for side, want := range map[Side]string{Mine: tt.mine, New: tt.new} {
				got, err := Resolve([]byte(tt.text), side)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, string(got)); diff != "" {
					t.Errorf("side %d (-want +got):\n%s", side, diff)
				}
			}
			if diff := cmp.Diff(tt.markers, Markers([]byte(tt.text))); diff != "" {
				t.Errorf("markers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		markers          []int
	}{
		{
			"no end", "a\n<<<<<<< x\nm\n=======\nn\n",
			"line 2: the conflict that begins here has no >>>>>>>",
			[]int{2},
		},
		{
			"only a begin", "a\n<<<<<<< x\n",
			"line 2: the conflict that begins here has no >>>>>>>",
			[]int{2},
		},
		{
			"no begin", "a\nm\n||||||| b\n=======\nn\n>>>>>>> y\n",
			"line 3: ||||||| outside of a conflict", nil,
		},
		{
			"only an end", "a\n>>>>>>> y\n",
			"line 2: >>>>>>> outside of a conflict", nil,
		},
		{
			"two ends", marked("m\n", "b\n", "n\n") + ">>>>>>> y\n",
			"line 8: >>>>>>> outside of a conflict",
			[]int{1},
		},
		{
			"nested in mine", "<<<<<<< x\n" + marked("m\n", "b\n", "n\n") + "=======\n>>>>>>> y\n",
			"line 2: <<<<<<< within the conflict that begins at line 1",
			[]int{1, 2},
		},
		{
			"nested in base", "<<<<<<< x\n||||||| b\n" + marked("m\n", "b\n", "n\n") + "=======\n>>>>>>> y\n",
			"line 3: <<<<<<< within the conflict that begins at line 1",
			[]int{1, 3},
		},
		{
			"nested in new", "<<<<<<< x\n=======\n" + marked("m\n", "b\n", "n\n") + ">>>>>>> y\n",
			"line 3: <<<<<<< within the conflict that begins at line 1",
			[]int{1, 3},
		},
		{
			"no middle", "<<<<<<< x\nm\n>>>>>>> y\n",
			"line 3: >>>>>>> before the ======= of the conflict that begins at line 1",
			[]int{1},
		},
		{
			"no middle after the base", "<<<<<<< x\nm\n||||||| b\n>>>>>>> y\n",
			"line 4: >>>>>>> before the ======= of the conflict that begins at line 1",
			[]int{1},
		},
		{
			"two middles", "<<<<<<< x\nm\n=======\nn\n=======\nn\n>>>>>>> y\n",
			"line 5: ======= again in the conflict that begins at line 1",
			[]int{1},
		},
		{
			"two bases", "<<<<<<< x\nm\n||||||| b\n||||||| b\n=======\nn\n>>>>>>> y\n",
			"line 4: ||||||| again in the conflict that begins at line 1",
			[]int{1},
		},
		{
			"base after the middle", "<<<<<<< x\nm\n=======\nn\n||||||| b\n>>>>>>> y\n",
			"line 5: ||||||| after the ======= of the conflict that begins at line 1",
			[]int{1},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, side := range []Side{Mine, New} {
				got, err := Resolve([]byte(tt.text), side)
				if err == nil {
					t.Fatalf("side %d: %q, want an error", side, got)
				}
				if err.Error() != tt.want {
					t.Errorf("side %d: %q, want %q", side, err, tt.want)
				}
			}
			if diff := cmp.Diff(tt.markers, Markers([]byte(tt.text))); diff != "" {
				t.Errorf("markers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFirstMarker(t *testing.T) {
	for text, want := range map[string]int{
		"":                          0,
		"a\nb\n":                    0,
		"======\n======= x\n":       0,
		"# <<<<<<< a\n <<<<<<< a\n": 0,
		"<<<<<<< a\nb\n":            1,
		"a\r\n||||||| b\r\n":        2,
		"a\n\n=======\n>>>>>>> b\n": 3,
		"a\n>>>>>>>":                2,
	} {
		if got := FirstMarker([]byte(text)); got != want {
			t.Errorf("%q: line %d, want %d", text, got, want)
		}
	}
}
