package answers

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	yamltoken "github.com/goccy/go-yaml/token"
)

// Edit returns the text of authgen.yaml, data, changed so that
// [Parse] reads from it the answers to. File is its name, for errors.
//
// Edit rewrites only what differs, down to single values and items of lists, in the
// style of the old text. All other bytes stay, and a comment on a line of its own is
// removed only with the item that contains it. A missing key that is needed is inserted
// in question order, below its comment. If a value is written in a form that allows no
// smaller edit, the whole value of the key is replaced.
//
// The answers must be valid, before and after. An error about data is Problems,
// as that of Parse; one about to is that of [Answers.Check].
func Edit(file string, data []byte, to Answers) ([]byte, error) {
	if err := to.Check(); err != nil {
		return nil, err
	}
	if _, err := Parse(file, data); err != nil {
		return nil, err
	}
	s, err := readDocument(data)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be edited: %w", file, err)
	}
	for _, k := range Keys { // what follows from an answer comes after it
		if k.FlagOnly || s.answers.entry(k) == to.entry(k) {
			continue
		}
		if s, err = s.editKey(k, to); err != nil {
			return nil, fmt.Errorf("%s: %s cannot be changed: %w; write %s", file, k.Name, err, to.Get(k.Name))
		}
	}
	if now, err := Parse(file, s.data); err != nil || now.Hash() != to.Hash() {
		return nil, fmt.Errorf("internal error: %s does not say what it was edited to: %w", file, cmp.Or(err, errors.New("the answers differ")))
	}
	return s.data, nil
}

// editKey changes the answer to one question.
func (s *document) editKey(k Key, to Answers) (*document, error) {
	if s.pair(k.Name) == nil { // and its default is not the answer
		return s.with(k, &to, func(s *document) { s.insertKey(k, to) })
	}
	// A round moves the items of a list or changes what is in them, and that may
	// be lists.
	now := s
	for range 4 {
		var err error
		now, err = now.with(k, nil, func(s *document) { s.change(s.pair(k.Name), k.written().value(to)) })
		if err != nil {
			break
		}
		if now.answers.entry(k) == to.entry(k) {
			return now, nil
		}
	}
	return s.with(k, &to, func(s *document) { s.replaceKey(k, to) })
}

// with returns the document after edits that are for one key. It is an error if
// they change another one, or, unless to is nil, do not make the answer that of
// to.
func (s *document) with(k Key, to *Answers, edits func(*document)) (*document, error) {
	s.edits, s.err = nil, nil
	edits(s)
	edited, err := s.edited()
	if err != nil {
		return nil, err
	}
	now, err := readDocument(edited)
	if err != nil {
		return nil, err
	}
	if to != nil && now.answers.entry(k) != to.entry(k) {
		return nil, fmt.Errorf("it would become %q", now.answers.Get(k.Name))
	}
	for _, other := range Keys {
		if other.FlagOnly || other.Name == k.Name || s.pair(other.Name) == nil {
			continue // what is not there may follow from this answer
		}
		if now.answers.entry(other) != s.answers.entry(other) {
			return nil, fmt.Errorf("it would change %s too", other.Name)
		}
	}
	return now, nil
}

// insertKey adds a key below the one before it in question order.
func (s *document) insertKey(k Key, to Answers) {
	after := s.pair("version")
	for _, other := range Keys {
		if other.Name == k.Name {
			break
		}
		if p := s.pair(other.Name); p != nil {
			after = p
		}
	}
	end := s.last(after.Value).end
	if isFlow(s.root) {
		s.insert(end, ", "+k.Name+": "+k.written().value(to).flow(inBraces))
		return
	}
	s.insertLines(end, s.indented("\n# "+k.comment()+"\n"+to.entry(k)))
}

// replaceKey replaces all of the value of a key.
func (s *document) replaceKey(k Key, to Answers) {
	pair := s.pair(k.Name)
	text := " " + k.written().value(to).flow(inBraces)
	if !isFlow(s.root) {
		text = strings.TrimSuffix(strings.TrimPrefix(s.indented(to.entry(k)), s.indented(k.Name+":")), s.newline)
	}
	s.replace(span{s.span(pair.Start).end, s.last(pair.Value).end}, text)
}

// indented returns lines as they are among the keys of the root.
func (s *document) indented(lines string) string {
	indent := strings.Repeat(" ", s.column(s.first(s.root).start))
	var b strings.Builder
	for line := range strings.Lines(lines) {
		if line != "\n" {
			b.WriteString(indent)
		}
		b.WriteString(line)
	}
	return strings.ReplaceAll(b.String(), "\n", s.newline)
}

// change edits the value of a key, or only moves its items around.
func (s *document) change(pair *ast.MappingValueNode, want yamlValue) {
	list, ok := pair.Value.(*ast.SequenceNode)
	if !ok {
		s.changeItem(pair.Value, want)
		return
	}
	from := matching(list.Values, want.items)
	switch {
	case len(from) == len(list.Values) && slices.IsSorted(from) && !slices.Contains(from, -1):
		for i, item := range list.Values {
			s.changeItem(item, want.items[i])
		}
	case !list.IsFlowStyle:
		s.blockList(pair, list, want, from)
	case len(list.Values) == 0 && s.isTop(pair) && s.onOneLine(pair, list):
		// As Format has it.
		s.replace(span{s.span(pair.Start).end, s.span(list.End).end}, "")
		var lines strings.Builder
		for _, item := range want.items {
			lines.WriteString(item.block("  "))
		}
		s.insertLines(s.span(list.End).end, s.indented(lines.String()))
	default:
		s.flowList(list, want, from)
	}
}

// isTop reports whether a key is one of the root, and the root is not a flow mapping.
func (s *document) isTop(pair *ast.MappingValueNode) bool {
	return !isFlow(s.root) && slices.Contains(pairsOf(s.root), pair)
}

// changeItem edits a value that is not a list.
func (s *document) changeItem(n ast.Node, want yamlValue) {
	if want.members == nil {
		if tk := n.GetToken(); scalarOf(n) != want.scalar {
			s.replace(s.span(tk), s.writtenAs(tk, want))
		}
		return
	}
	pairs := pairsOf(n)
	var after *ast.MappingValueNode
	for _, m := range want.members {
		i := slices.IndexFunc(pairs, func(p *ast.MappingValueNode) bool { return keyText(p.Key) == m.name })
		switch {
		case i >= 0:
			after = pairs[i]
			s.change(after, m.value)
		case !m.byDefault:
			c := s.context(s.first(n).start)
			if isFlow(n) {
				c = inBraces
			}
			s.insertMember(n, after, m.name+": "+m.value.flow(c))
		}
	}
}

// writtenAs returns a scalar in the quotes of the one that it replaces.
func (s *document) writtenAs(tk *yamltoken.Token, want yamlValue) string {
	switch tk.Type {
	case yamltoken.DoubleQuoteType:
		return strconv.Quote(want.scalar)
	case yamltoken.SingleQuoteType:
		return "'" + strings.ReplaceAll(want.scalar, "'", "''") + "'"
	}
	return want.flow(s.context(s.span(tk).start))
}

// insertMember adds text, a member, to a mapping: below the one after, or as the first if
// that is nil.
func (s *document) insertMember(n ast.Node, after *ast.MappingValueNode, text string) {
	pairs := pairsOf(n)
	flow := isFlow(n)
	switch {
	case flow && after != nil:
		s.insert(s.last(after.Value).end, ", "+text)
	case flow && len(pairs) > 0:
		s.insert(s.span(pairs[0].Key.GetToken()).start, text+", ")
	case flow:
		s.insert(s.first(n).end, text)
	default:
		line := strings.Repeat(" ", s.column(s.first(n).start)) + text + s.newline
		if after == nil {
			s.insert(s.lineStart(s.first(n).start), line)
			return
		}
		s.insertLines(s.last(after.Value).end, line)
	}
}

// matching returns, for each wanted item, the index of the item that it is or
// comes of, and -1 for a new one.
func matching(items []ast.Node, want []yamlValue) []int {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = scalarOf(item)
		for _, p := range pairsOf(item) {
			if keyText(p.Key) == "name" {
				ids[i] = scalarOf(p.Value)
			}
		}
	}
	from := make([]int, len(want))
	for i, w := range want {
		from[i] = slices.Index(ids, w.id())
	}
	if len(items) == len(want) { // some may have got another name
		for i, j := range from {
			if j < 0 && !slices.Contains(from, i) {
				from[i] = i
			}
		}
	}
	return from
}

// blockList moves the items of a list with a line, or more, for each. The
// comments above an item go where it goes, or stay if it is removed.
func (s *document) blockList(pair *ast.MappingValueNode, list *ast.SequenceNode, want yamlValue, from []int) {
	n := len(list.Values)
	starts, ends := make([]int, n), make([]int, n)
	above := make([]string, n+1) // the last is what is left below all
	top := s.lineEnd(s.span(pair.Start).end)
	below := top
	for i, item := range list.Values {
		starts[i], ends[i] = s.lineStart(s.span(list.Entries[i].Start).start), s.lineEnd(s.last(item).end)
		above[i] = string(s.data[below:starts[i]])
		below = ends[i]
	}
	for i := range n {
		if !slices.Contains(from, i) {
			above[i], above[i+1] = "", above[i]+above[i+1]
		}
	}
	var b strings.Builder
	for i, j := range from {
		if j < 0 {
			dash := s.span(list.Entries[0].Start).start
			b.WriteString(strings.ReplaceAll(want.items[i].block(strings.Repeat(" ", s.column(dash))), "\n", s.newline))
			continue
		}
		body := string(s.data[starts[j]:ends[j]])
		if !strings.HasSuffix(body, "\n") {
			body += s.newline
		}
		b.WriteString(above[j] + body)
	}
	text := b.String() + above[n]
	if ends[n-1] == len(s.data) && !bytes.HasSuffix(s.data, []byte("\n")) {
		text = strings.TrimSuffix(text, s.newline)
	}
	if len(from) == 0 {
		s.insert(s.span(pair.Start).end, " []")
	}
	s.replace(span{top, ends[n-1]}, text)
}

// flowList moves the items of a list in brackets. A comment that follows an item
// goes where it goes.
func (s *document) flowList(list *ast.SequenceNode, want yamlValue, from []int) {
	inside := span{s.span(list.Start).end, s.span(list.End).start}
	c := s.context(inside.start)
	n := len(list.Values)
	if n == 0 || len(from) == 0 {
		text := strings.TrimSuffix(strings.TrimPrefix(want.flow(c), "["), "]")
		if bytes.ContainsRune(s.data[inside.start:inside.end], '#') && n == 0 {
			inside.end = inside.start
		}
		s.replace(inside, text)
		return
	}
	// between returns what separates an item from the next one.
	between := func(i int) string {
		if i < 0 || i == n-1 {
			return ", "
		}
		return string(s.data[s.last(list.Values[i]).end:s.first(list.Values[i+1]).start])
	}
	below := string(s.data[s.last(list.Values[n-1]).end:inside.end])
	var b strings.Builder
	b.Write(s.data[inside.start:s.first(list.Values[0]).start])
	for i, j := range from {
		if j < 0 {
			b.WriteString(want.items[i].flow(c))
		} else {
			b.Write(s.data[s.first(list.Values[j]).start:s.last(list.Values[j]).end])
		}
		if i < len(from)-1 {
			b.WriteString(between(j))
		} else if strings.Contains(between(j), "#") { // a comment, and a comma before the bracket
			b.WriteString(between(j))
			below = strings.TrimPrefix(strings.TrimLeft(below, " \t\r\n"), ",")
		}
	}
	b.WriteString(below)
	s.replace(inside, b.String())
}
