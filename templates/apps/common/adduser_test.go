package main

import (
	"errors"
	"io"
	"os"
	"testing"
)

// Without a terminal, the password is the first line.
func TestNewPassword(t *testing.T) {
	for _, test := range []struct {
		in, want string
		err      error
	}{
		{"a long pass phrase\n", "a long pass phrase", nil},
		{" a long pass phrase \r\nand more\n", " a long pass phrase ", nil},
		{"without an end", "without an end", nil},
		{"", "", io.EOF},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteString(test.in); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := newPassword(t.Context(), r); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("of %q: %q, %v, want %q, %v", test.in, got, err, test.want, test.err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
