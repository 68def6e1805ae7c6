// Package covering chooses few combinations that cover many: every two values of
// different factors are together in one of them. Their number grows with the pairs
// of values that the two largest factors have, not with the product of all.
package covering

import (
	"fmt"
	"slices"
	"strings"
)

// A Factor is something that varies.
type Factor struct {
	Name   string
	Values []string // the usual one first
}

// A Row is a combination: the index of a value for each factor.
type Row []int

// A Choice is one value of one factor, both by index.
type Choice struct{ Factor, Value int }

// A Tuple are choices of different factors, in the order of the factors.
type Tuple []Choice

// In reports whether all choices of t are those of the row.
func (t Tuple) In(r Row) bool {
	for _, c := range t {
		if r[c.Factor] != c.Value {
			return false
		}
	}
	return true
}

// has reports whether t has all choices of the other.
func (t Tuple) has(other Tuple) bool {
	return !slices.ContainsFunc(other, func(c Choice) bool { return !slices.Contains(t, c) })
}

// chooses reports whether t has a choice of the factor.
func (t Tuple) chooses(factor int) bool {
	return slices.ContainsFunc(t, func(c Choice) bool { return c.Factor == factor })
}

// Infeasible is a tuple that is in no combination, and why.
type Infeasible struct {
	Tuple Tuple
	Err   error
}

// Space is what combinations are chosen from.
type Space struct {
	Factors []Factor
	// Check returns why there is no such combination, nil if there is.
	Check func(Row) error
}

// Usual returns the row of the usual values.
func (s Space) Usual() Row { return make(Row, len(s.Factors)) }

// Row returns the usual row with other values for some factors, by their names. A
// name that is not there is a bug.
func (s Space) Row(values map[string]string) Row {
	r := s.Usual()
	for name, value := range values {
		i := slices.IndexFunc(s.Factors, func(f Factor) bool { return f.Name == name })
		if i < 0 {
			panic("no factor " + name)
		}
		if r[i] = slices.Index(s.Factors[i].Values, value); r[i] < 0 {
			panic(fmt.Sprintf("%s is never %q", name, value))
		}
	}
	return r
}

// Value returns the value that a row has for the factor of that name.
func (s Space) Value(r Row, name string) string {
	i := slices.IndexFunc(s.Factors, func(f Factor) bool { return f.Name == name })
	return s.Factors[i].Values[r[i]]
}

// Describe names the choices of t.
func (s Space) Describe(t Tuple) string {
	var parts []string
	for _, c := range t {
		f := s.Factors[c.Factor]
		parts = append(parts, fmt.Sprintf("%s=%s", f.Name, f.Values[c.Value]))
	}
	return strings.Join(parts, " ")
}

// Tuples returns all choices of n factors among those of the given names, or among
// all factors if there are none.
func (s Space) Tuples(n int, names ...string) []Tuple {
	var tuples []Tuple
	var add func(t Tuple, from int)
	add = func(t Tuple, from int) {
		if len(t) == n {
			tuples = append(tuples, slices.Clone(t))
			return
		}
		for i := from; i < len(s.Factors); i++ {
			if len(names) > 0 && !slices.Contains(names, s.Factors[i].Name) {
				continue
			}
			for v := range s.Factors[i].Values {
				add(append(t, Choice{i, v}), i+1)
			}
		}
	}
	add(nil, 0)
	return tuples
}

// Each calls f for every row of the product of the named factors that passes Check,
// with the usual values of all others.
func (s Space) Each(names []string, f func(Row)) {
	row := s.Usual()
	var vary func(i int)
	vary = func(i int) {
		switch {
		case i == len(s.Factors):
			if s.Check(row) == nil {
				f(slices.Clone(row))
			}
		case !slices.Contains(names, s.Factors[i].Name):
			vary(i + 1)
		default:
			for row[i] = range s.Factors[i].Values {
				vary(i + 1)
			}
			row[i] = 0
		}
	}
	vary(0)
}

// Cover returns rows that pass Check: those of start, and such that each of the
// tuples is in one of them. Tuples in no row are returned with the reason, unless
// another one that they have in them is.
//
// A tuple counts as infeasible if no row passes Check that has it, and is the usual
// one in all but two other factors.
func (s Space) Cover(tuples []Tuple, start ...Row) ([]Row, []Infeasible) {
	var rows []Row
	open := slices.Clone(tuples)
	take := func(r Row) {
		rows = append(rows, r)
		open = slices.DeleteFunc(open, func(t Tuple) bool { return t.In(r) })
	}
	for _, r := range start {
		if s.Check(r) == nil {
			take(r)
		}
	}
	var infeasible []Infeasible
	for len(open) > 0 {
		t := open[0]
		if slices.ContainsFunc(infeasible, func(i Infeasible) bool { return t.has(i.Tuple) }) {
			open = open[1:]
		} else if r, err := s.complete(t); err == nil {
			take(s.improve(r, t, open))
		} else {
			infeasible = append(infeasible, Infeasible{t, err})
			open = open[1:]
		}
	}
	return rows, infeasible
}

// complete returns a row with t in it, that is the usual one as far as can be. The
// error is that of the usual row with t.
func (s Space) complete(t Tuple) (Row, error) {
	row := s.Usual()
	for _, c := range t {
		row[c.Factor] = c.Value
	}
	err := s.Check(row)
	if err == nil {
		return row, nil
	}
	var change func(from, n int) bool
	change = func(from, n int) bool {
		if n == 0 {
			return s.Check(row) == nil
		}
		for i := from; i < len(row); i++ {
			if t.chooses(i) {
				continue
			}
			for row[i] = 1; row[i] < len(s.Factors[i].Values); row[i]++ {
				if change(i+1, n-1) {
					return true
				}
			}
			row[i] = 0
		}
		return false
	}
	if change(0, 1) || change(0, 2) {
		return row, nil
	}
	return nil, err
}

// improve changes values of the row, those of t aside, while more of the open tuples
// are in it then: one at a time, and two where that does not help, since one may need
// the other.
func (s Space) improve(r Row, t Tuple, open []Tuple) Row {
	best := s.count(r, open)
	better := func() bool {
		n := s.count(r, open)
		if n <= best || s.Check(r) != nil {
			return false
		}
		best = n
		return true
	}
	// change looks for one or two changes to factors that make the row better.
	var change func(from, n int) bool
	change = func(from, n int) bool {
		for i := from; i < len(r); i++ {
			if t.chooses(i) {
				continue
			}
			kept := r[i]
			for v := range s.Factors[i].Values {
				if v == kept {
					continue
				}
				r[i] = v
				if n == 1 && better() || n > 1 && change(i+1, n-1) {
					return true
				}
			}
			r[i] = kept
		}
		return false
	}
	for change(0, 1) || change(0, 2) {
	}
	return r
}

// count returns how many of the tuples are in the row.
func (s Space) count(r Row, tuples []Tuple) int {
	n := 0
	for _, t := range tuples {
		if t.In(r) {
			n++
		}
	}
	return n
}
