package questions

import (
	"maps"
	"slices"
)

// A Walk is a person's way through the open questions of a project, forward and back. It
// keeps every answer: a question that is asked again has the earlier answer as its
// default.
//
// A walk consists of passes, each of which asks some of the questions, in their order.
type Walk struct {
	project Project
	flags   map[string]string
	kept    map[string]string // all answers, by the id of the question
	typed   map[string]string // what was typed or chosen when the person went back

	asks    func(Question) bool // which questions the pass asks
	settled map[string]string   // answers from before the pass, which it does not ask for again
	trail   []string            // the questions that the pass has asked, by id
}

// NewWalk returns a walk through the questions that the flags leave open.
func NewWalk(project Project, flags map[string]string) *Walk {
	return &Walk{project: project, flags: flags, kept: make(map[string]string), typed: make(map[string]string)}
}

// All begins a pass that asks all questions.
func (w *Walk) All() { w.begin(func(Question) bool { return true }, nil) }

// Only begins a pass that asks the questions about one key.
func (w *Walk) Only(key string) { w.begin(func(q Question) bool { return q.Key == key }, nil) }

// Required begins a pass that asks the questions that the person must answer, and has not
// answered yet.
func (w *Walk) Required() {
	w.begin(func(q Question) bool { return q.Must != "" }, maps.Clone(w.kept))
}

func (w *Walk) begin(asks func(Question) bool, settled map[string]string) {
	w.asks, w.settled, w.trail = asks, settled, nil
}

// Next returns the question that the pass asks next, and what it is asked on the basis of.
// There is none if ok is false.
func (w *Walk) Next() (r Resolution, q Question, ok bool, err error) {
	r, open, err := w.follow(w.asks)
	if err != nil || open == nil {
		return r, Question{}, false, err
	}
	return r, w.recall(*open), true, nil
}

// Resolve returns the result of all answers so far.
func (w *Walk) Resolve() (Resolution, error) {
	w.begin(func(Question) bool { return false }, nil)
	r, _, err := w.follow(w.asks)
	return r, err
}

// Answer adds the answer to the question that Next returned.
func (w *Walk) Answer(q Question, text string) {
	w.kept[q.id()] = text
	delete(w.typed, q.id())
	w.trail = append(w.trail, q.id())
}

// Back goes back from the question that Next returned to the one before. Text is what was
// typed or chosen so far, in the form of an answer. Back returns false if the pass has
// asked no question before.
func (w *Walk) Back(q Question, text string) bool {
	if text != "" {
		w.typed[q.id()] = text
	}
	if len(w.trail) == 0 {
		return false
	}
	w.trail = w.trail[:len(w.trail)-1]
	return true
}

// follow adds the answers so far to the flags, one after the other, since each may decide
// what is asked next. It stops at the first question that asks selects, unless this pass
// has asked it already. An answer that no longer goes with the others is left out.
func (w *Walk) follow(asks func(Question) bool) (Resolution, *Question, error) {
	given := Given{Flags: w.flags}
next:
	for {
		r, err := Resolve(w.project, given)
		if err != nil {
			return r, nil, err
		}
		for _, q := range r.Open {
			id := q.id()
			text, kept := w.kept[id]
			_, settled := w.settled[id]
			asked := slices.Contains(w.trail, id)
			fits := kept && (asked || r.Check(q, text) == nil)
			switch {
			case asks(q) && !asked && !(settled && fits):
				return r, &q, nil
			case fits:
				given = given.With(q, text)
				continue next
			}
		}
		return r, nil, nil
	}
}

// recall returns the question with the earlier answer to it, or with what was typed then.
func (w *Walk) recall(q Question) Question {
	text, ok := w.typed[q.id()]
	if !ok {
		text, ok = w.kept[q.id()]
	}
	switch {
	case !ok:
	case len(q.Options) == 0:
		q.Typed = text
	case q.Many:
		q.Default = text
	case q.offers(text):
		q.Default = text
	}
	return q
}
