package directive

import (
	"go/token"
	"path"
	"strings"
)

// Text specializes a template that is not Go; the extension of name determines the form
// of its comments. ok is false if a directive excludes the whole file; the rest of the
// file is checked all the same. The error has every problem, each as
// "name:line:col: message". The options for packages, imports and expressions are
// ignored.
func Text(name string, src []byte, o Options) (f File, ok bool, err error) {
	if err := o.check(); err != nil {
		return File{}, false, err
	}
	src, err = plainLines(name, src)
	if err != nil {
		return File{}, false, err
	}
	t := &textTemplate{name: name, opts: o, words: newWords(o.Words), on: true}
	t.form = commentForm(name)
	t.lines = strings.SplitAfter(string(src), "\n")
	t.run()
	if err := t.problems.err(); err != nil {
		return File{}, false, err
	}
	if t.header.excluded {
		return File{}, false, nil
	}
	return t.header.file(name, []byte(strings.Join(t.out, ""))), true, nil
}

// form is the form of a comment with a directive.
type form struct{ open, close string }

func commentForm(name string) form {
	switch path.Ext(name) {
	case ".sql":
		return form{open: "-- " + marker}
	case ".md", ".html", ".tmpl":
		return form{open: "<!-- " + marker, close: "-->"}
	}
	return form{open: "# " + marker}
}

// textTemplate is a template that is not Go, read line by line.
type textTemplate struct {
	name     string
	opts     Options
	words    words
	form     form
	lines    []string
	problems problems
	header   header

	region token.Position // where the open region begins; not valid outside
	depth  int
	on     bool // whether lines are kept
	out    []string
	cut    bool // whether something was cut since the last line that is not blank
}

// note is a directive found in a line.
type note struct {
	verb, arg string
	pos       token.Position
	alone     bool // nothing else is on the line
}

func (t *textTemplate) run() {
	first, after := t.readHeader()
	for i, line := range t.lines {
		if i >= first && i < after {
			t.cut = true
			continue
		}
		n, ok := t.directive(i)
		switch {
		case !ok:
			t.emit(t.words.replace(line))
		case n.verb == "value":
			t.value(n)
		default:
			t.cut = true
			t.mark(n)
		}
	}
	if t.depth > 0 {
		t.problems.addf(t.region, "if without end")
	}
	for t.cut && len(t.out) > 0 && isBlank(t.out[len(t.out)-1]) {
		t.out = t.out[:len(t.out)-1]
	}
}

// readHeader carries out the directives at the top of the file that are about the whole
// file. It returns the range of their lines.
func (t *textTemplate) readHeader() (first, after int) {
	if strings.HasPrefix(t.lines[0], "#!") {
		first = 1
	}
	var notes []note
	for i := first; i < len(t.lines); i++ {
		n, ok := t.peek(i)
		if !ok || !n.alone || n.verb != "if" && !isHeader(n.verb) {
			break
		}
		notes = append(notes, n)
	}
	after = first + len(notes)
	whole := after == len(t.lines) || isBlank(t.lines[after])
	for i, n := range notes {
		if n.verb == "if" && !whole {
			return first, first + i // the first if that opens a region ends the header
		}
		if err := t.header.add(n.verb, n.arg, t.opts); err != nil {
			t.problems.add(n.pos, err)
		}
	}
	return first, after
}

// peek returns the directive on line i, if there is a well-formed one.
func (t *textTemplate) peek(i int) (note, bool) {
	reported := len(t.problems)
	n, ok := t.directive(i)
	ok = ok && len(t.problems) == reported
	t.problems = t.problems[:reported]
	return n, ok
}

// directive returns the directive on line i, and reports what is wrong with it.
func (t *textTemplate) directive(i int) (note, bool) {
	line := strings.TrimRight(t.lines[i], " \t\n")
	at := t.find(line)
	if at < 0 {
		return note{}, false
	}
	n := note{pos: token.Position{Filename: t.name, Line: i + 1, Column: at + 1}}
	before, body := line[:at], line[at+len(t.form.open):]
	n.alone = strings.TrimSpace(before) == ""
	if t.form.close != "" {
		inside, rest, closed := strings.Cut(body, t.form.close)
		body = strings.TrimSpace(inside)
		switch {
		case !closed:
			t.problems.addf(n.pos, "the comment must end on its line")
		case rest != "":
			t.problems.addf(n.pos, "the comment must be the last thing on its line")
		}
	}
	n.verb, n.arg = split(body)
	if err := checkVerb(n.verb, n.arg); err != nil {
		t.problems.add(n.pos, err)
	} else if n.verb == "sql" {
		t.problems.addf(n.pos, "sql is for Go files")
	} else if !n.alone && n.verb != "value" {
		t.problems.addf(n.pos, "%s must stand alone on its line", n.verb)
	}
	return n, true
}

// find returns where the comment with a directive begins in line, or -1. A comment mark
// without an end must be at the start of the line or after white space.
func (t *textTemplate) find(line string) int {
	for from := 0; ; {
		i := strings.Index(line[from:], t.form.open)
		if i < 0 {
			return -1
		}
		at := from + i
		if at == 0 || line[at-1] == ' ' || line[at-1] == '\t' || t.form.close != "" {
			return at
		}
		from = at + 1
	}
}

// mark carries out a directive that is not in the header.
func (t *textTemplate) mark(n note) {
	switch n.verb {
	case "as", "class", "unit":
		t.problems.addf(n.pos, "%s belongs at the top of the file", n.verb)
	case "if":
		if t.depth++; t.depth > 1 {
			t.problems.addf(n.pos, "if inside the region that begins on line %d: regions do not nest", t.region.Line)
		} else {
			t.region = n.pos
		}
		on, err := t.opts.eval(n.arg)
		if err != nil {
			t.problems.add(n.pos, err)
		}
		t.on = on
	case "end":
		if t.depth == 0 {
			t.problems.addf(n.pos, "end without if; an if at the top of the file with a blank line below it has no end")
			return
		}
		t.depth--
		t.on = true
	}
}

func (t *textTemplate) value(n note) {
	v, err := t.opts.value(n.arg)
	if err != nil {
		t.problems.add(n.pos, err)
		return
	}
	if v = strings.TrimSuffix(v, "\n"); v == "" {
		t.cut = true
		return
	}
	for line := range strings.SplitSeq(v, "\n") {
		t.emit(line + "\n")
	}
}

// emit keeps a line, unless it is a blank line that a cut moved below another one or to
// the top of the file.
func (t *textTemplate) emit(line string) {
	if !t.on || line == "" {
		return
	}
	if isBlank(line) {
		if t.cut && (len(t.out) == 0 || isBlank(t.out[len(t.out)-1])) {
			return
		}
	} else {
		t.cut = false
	}
	t.out = append(t.out, line)
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }
