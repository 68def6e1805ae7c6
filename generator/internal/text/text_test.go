package text

import "testing"

func TestNormalize(t *testing.T) {
	for _, tt := range []struct{ data, normal, newline string }{
		{"", "", "\n"},
		{"a\nb", "a\nb", "\n"},
		{"\ufeffa\r\nb\r\n", "a\nb\n", "\r\n"},
		{"a\r\nb\n", "a\nb\n", "\n"},
		{"a\rb\n\ufeff", "a\rb\n\ufeff", "\n"},
	} {
		if got := string(Normalize([]byte(tt.data))); got != tt.normal {
			t.Errorf("Normalize(%q) = %q, want %q", tt.data, got, tt.normal)
		}
		if got := Newline([]byte(tt.data)); got != tt.newline {
			t.Errorf("Newline(%q) = %q, want %q", tt.data, got, tt.newline)
		}
	}
}

func TestLike(t *testing.T) {
	for _, model := range []string{"", "a\nb", "\ufeffa\r\nb\r\n", "\ufeffa", "a\r\n"} {
		if got := string(Like([]byte(model), Normalize([]byte(model)))); got != model {
			t.Errorf("Like(%q) = %q", model, got)
		}
	}
}

func TestApply(t *testing.T) {
	for _, tt := range []struct {
		edits Edits
		want  string // "" is an error
	}{
		{nil, "abcdef"},
		{Edits{{4, 5, "E"}, {0, 1, ""}}, "bcdEf"},
		{Edits{{2, 4, "X"}, {2, 2, "1"}, {2, 2, "2"}}, "ab12Xef"},
		{Edits{{0, 2, "x"}, {2, 4, "y"}, {6, 6, "z"}}, "xyefz"},
		{Edits{{0, 3, "x"}, {2, 4, "y"}}, ""},
		{Edits{{0, 6, "x"}, {2, 4, "y"}}, ""},
		{Edits{{4, 3, "x"}}, ""},
		{Edits{{5, 7, "x"}}, ""},
	} {
		got, err := tt.edits.Apply([]byte("abcdef"))
		if string(got) != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%v: %q, %v", tt.edits, got, err)
		}
	}
}
