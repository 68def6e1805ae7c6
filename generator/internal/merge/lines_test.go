package merge

import "testing"

func TestSmoke(t *testing.T) {
	r := Lines([]byte("a\nb\nc"), []byte("a\nX\nc"), []byte("a\nb\nY\n"), Labels{"mine", "base", "new"})
	t.Logf("%s\n%v", r.Text, r.Conflicts)
	for _, s := range []Side{Mine, New} {
		b, err := Resolve(r.Text, s)
		t.Logf("%q %v", b, err)
	}
}
