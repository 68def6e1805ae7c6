package covering

import (
	"errors"
	"slices"
	"testing"
)

// space has three factors with values and ten that are on or off, of which two values
// exclude each other, and two need a third.
func space() Space {
	s := Space{Factors: []Factor{
		{"size", []string{"s", "m", "l", "xl"}},
		{"color", []string{"red", "green", "blue"}},
		{"shape", []string{"square", "round"}},
	}}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		s.Factors = append(s.Factors, Factor{name, []string{"off", "on"}})
	}
	s.Check = func(r Row) error {
		switch {
		case s.Value(r, "size") == "xl" && s.Value(r, "color") == "red":
			return errors.New("xl is not red")
		case s.Value(r, "a") == "on" && s.Value(r, "b") == "on" && s.Value(r, "shape") == "square":
			return errors.New("a and b are round")
		}
		return nil
	}
	return s
}

func TestCover(t *testing.T) {
	s := space()
	for _, test := range []struct {
		n, most    int
		infeasible []string
	}{
		{2, 20, []string{"size=xl color=red"}},
		{3, 70, []string{"size=xl color=red shape=square", "size=xl color=red shape=round", "shape=square a=on b=on"}},
	} {
		tuples := s.Tuples(test.n)
		start := s.Row(map[string]string{"size": "m", "j": "on"})
		rows, infeasible := s.Cover(tuples, start, s.Row(map[string]string{"size": "xl"}))
		if !slices.Equal(rows[0], start) {
			t.Errorf("%d-wise: starts with %v, want %v", test.n, rows[0], start)
		}
		if len(rows) > test.most {
			t.Errorf("%d-wise: %d rows, want at most %d", test.n, len(rows), test.most)
		}
		for _, r := range rows {
			if err := s.Check(r); err != nil {
				t.Errorf("%d-wise: %v: %v", test.n, r, err)
			}
		}
		none := make(map[string]bool)
		for _, i := range infeasible {
			none[s.Describe(i.Tuple)] = true
		}
		for _, want := range test.infeasible {
			if !none[want] {
				t.Errorf("%d-wise: %s is not reported as infeasible", test.n, want)
			}
		}
		for _, tuple := range tuples {
			covered := slices.ContainsFunc(rows, tuple.In)
			excluded := slices.ContainsFunc(infeasible, func(i Infeasible) bool { return tuple.has(i.Tuple) })
			if covered == excluded {
				t.Errorf("%d-wise: %s: in a row: %t, infeasible: %t", test.n, s.Describe(tuple), covered, excluded)
			}
		}
	}
}

func TestEach(t *testing.T) {
	s := space()
	n := 0
	s.Each([]string{"size", "color", "a"}, func(r Row) {
		n++
		if s.Value(r, "j") != "off" || s.Check(r) != nil {
			t.Errorf("%v is not of the product", r)
		}
	})
	if want := (4*3 - 1) * 2; n != want {
		t.Errorf("%d rows, want %d", n, want)
	}
}
