package answers

import (
	"strings"
	"testing"
)

func TestDidYouMean(t *testing.T) {
	known := []string{"session", "router", "roles", "default_role", "name"}
	for _, tt := range []struct{ word, want string }{
		{"rooter", ` (did you mean "router"?)`},
		{"role", ` (did you mean "roles"?)`},
		{"Session", ` (did you mean "session"?)`},
		{"sesison", ` (did you mean "session"?)`},
		{"defaultrole", ` (did you mean "default_role"?)`},
		{"nam", ` (did you mean "name"?)`},
		{"color", ""},
		{"x", ""},
		{"", ""},
		{"name", ""}, // known: no slip
		{strings.Repeat("session", 20), ""},
	} {
		if got := DidYouMean(tt.word, known); got != tt.want {
			t.Errorf("DidYouMean(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1},
		{"abcd", "badc", 2},
		{"kitten", "sitting", 3},
		{"ca", "abc", 3}, // no edit inside a swap
	} {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := editDistance(tt.b, tt.a); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}
