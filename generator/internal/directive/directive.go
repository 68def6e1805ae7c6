// Package directive makes one file out of a template for one set of answers.
//
// A template is a real file: Go that compiles, SQL that runs, Markdown that
// reads. Directives in its comments say which parts stay for which answers.
// The engine only takes text away, by byte edits at the positions that the
// parser reports, so what stays is byte for byte what the author of the
// template wrote; renames and inserted values are the few exceptions. It knows
// nothing of what the templates are about.
//
// # Go
//
// A directive is a line comment that starts with exactly "//authgen:".
//
// In a comment group of its own above the package clause, followed by a blank
// line, it is about the file:
//
//	//authgen:if EXPR      the file is left out where EXPR is false
//	//authgen:as NAME      the file is emitted as NAME, in the same folder
//	//authgen:class NAME   generated, yours, once or migration
//	//authgen:unit NAME    the file is the unit test of the file NAME beside it
//	//authgen:sql          the constants of the file are SQL, see below
//
// A file with an if loses its //go:build line as well: that line is there so
// that alternatives can be compiled next to each other as templates.
//
// As the last line of the doc comment of a declaration, of a spec inside
// parentheses, of a struct field or of an interface method, if keeps or removes
// what the comment documents.
//
// Inside a function body, and inside the braces of a composite literal such as a
// table, if and end each stand alone on a line and enclose a region of whole lines. Regions do not nest and there is no else.
//
// A comment "//authgen:value KEY" at the end of a line that holds exactly one
// string or integer literal replaces that literal.
//
// EXPR is what a //go:build line takes: names, &&, ||, ! and parentheses.
//
// In a file that says sql, each question mark in the string literals of a package's
// constant is a placeholder. Where the database wants numbers, it becomes $1 or what
// follows, from 1 on in each constant. What a constant takes from another one is not
// counted, so no placeholder may follow one that has any.
//
// Expressions, import paths and words can be replaced throughout; see [Options].
//
// Imports that nothing uses any more are dropped. That needs the name of every
// imported package without looking at the package, so an import whose path does
// not end in its name, a major version aside, must be named explicitly.
//
// # Other files
//
// The comment is "-- authgen:…" in SQL, "<!-- authgen:… -->" in .md, .html and
// .tmpl files, and "# authgen:…" everywhere else.
//
// The header is the run of directive lines that the file begins with; only a
// #! line may stand above it. as, class and unit belong there, and sql nowhere. An if in the header is
// about the file when a blank line or the end of the file follows the header;
// otherwise, and everywhere else, if and end enclose a region of whole lines.
// value replaces the whole line that it ends; the value may be several lines,
// and an empty one drops the line.
package directive

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/build/constraint"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/internal/text"
)

// Options say how templates are specialized. They are not modified.
type Options struct {
	// Tags holds every name that an expression may use, and whether it is on.
	// Any other name in an expression is an error.
	Tags map[string]bool

	// Values holds what "authgen:value KEY" inserts. A key that is not here is
	// an error. In Go, the value for an integer must itself be one.
	Values map[string]string

	// Packages are the packages of the templates that get another name, by the
	// one that they have. The clause is renamed, external tests included, and so
	// is "Package …" at the start of the package doc. A file that imports such a
	// package has the selectors renamed through which it uses it, if Imports
	// rewrites the import.
	Packages map[string]string

	// Imports rewrites import paths: a path that equals a key, or that starts
	// with one followed by a slash. The longest key that fits is taken.
	Imports map[string]string

	// NumberPlaceholders is whether placeholders in SQL are $1, $2 and so on, and not
	// question marks.
	NumberPlaceholders bool

	// Exprs replaces expressions of Go code, types among them: those that are
	// written like a key, such as "*echo.Context" or "c.Context", white space
	// aside. Of two that match, one inside the other, the outer is taken; what
	// stands for it is not looked at again. The text is put in as it is, so it must
	// bind as tightly there as what it stands for, and use imports that the file
	// has. A key is more than a name or a literal, for which there are Words and
	// values.
	Exprs map[string]string

	// Words replaces whole words: in Go inside string literals, import paths
	// excepted, and comments, //go: directives excepted; anywhere in other
	// files. A word ends where a letter, digit or underscore meets something
	// else. Inserted values are left alone. A replacement is one line and holds
	// neither a backquote nor "*/".
	Words map[string]string
}

// Touches reports whether specializing a well-formed template could change it.
// It looks for the text of a directive and of all that is to be renamed, and so
// costs nothing next to parsing.
func (o Options) Touches(src []byte) bool {
	if bytes.Contains(src, []byte("authgen:")) {
		return true
	}
	for _, renamed := range []map[string]string{o.Packages, o.Imports, o.Exprs, o.Words} {
		for old := range renamed {
			if bytes.Contains(src, []byte(old)) {
				return true
			}
		}
	}
	return false
}

// Excludes reports whether the header of a well-formed Go template says that the
// file is left out. It reads nothing but the header, and so costs next to nothing.
func (o Options) Excludes(src []byte) bool {
	for line := range bytes.Lines(src) {
		text, ok := strings.CutPrefix(strings.TrimRight(string(line), "\r\n"), "//"+marker)
		if !ok {
			return false
		}
		if verb, arg := split(text); verb == "if" {
			on, err := o.eval(arg)
			return err == nil && !on
		}
	}
	return false
}

// File is a specialized template.
type File struct {
	Name  string // slash-separated; the template's, unless it says as
	Class string // empty unless the template says class
	Unit  string // slash-separated name of the file that it tests; empty unless the template says unit
	Data  []byte
}

const marker = "authgen:"

var classes = []string{"generated", "yours", "once", "migration"}

// check reports options that no template could be specialized with.
func (o Options) check() error {
	var errs []error
	for _, old := range sortedKeys(o.Packages) {
		if s := o.Packages[old]; !token.IsIdentifier(s) || s == "_" {
			errs = append(errs, fmt.Errorf("internal error: package %q: %q is not a package name", old, s))
		}
	}
	for _, old := range sortedKeys(o.Exprs) {
		if !isExpr(old) || token.IsIdentifier(old) || isLiteral(old) {
			errs = append(errs, fmt.Errorf("internal error: %q is not an expression of several parts", old))
		}
		if s := o.Exprs[old]; !isExpr(s) {
			errs = append(errs, fmt.Errorf("internal error: expression %q: %q is not one", old, s))
		}
	}
	for _, old := range sortedKeys(o.Words) {
		if old == "" || strings.ContainsAny(old, "\r\n") {
			errs = append(errs, fmt.Errorf("internal error: %q is not a word", old))
		}
		if s := o.Words[old]; strings.ContainsAny(s, "`\r\n\x00") || strings.Contains(s, "*/") {
			errs = append(errs, fmt.Errorf("internal error: word %q: %q would not fit into comments and strings", old, s))
		}
	}
	return errors.Join(errs...)
}

// eval reports whether expr is true. Both sides of every operator are looked
// at, so an unknown name is found whatever the answers are.
func (o Options) eval(expr string) (bool, error) {
	if expr == "" {
		return false, errors.New("if needs an expression")
	}
	x, err := constraint.Parse("//go:build " + expr)
	if err != nil {
		return false, fmt.Errorf("if %s: %w", expr, err)
	}
	var unknown []string
	on := x.Eval(func(tag string) bool {
		v, ok := o.Tags[tag]
		if q := fmt.Sprintf("%q", tag); !ok && !slices.Contains(unknown, q) {
			unknown = append(unknown, q)
		}
		return v
	})
	if len(unknown) > 0 {
		return false, fmt.Errorf("if %s: unknown name %s", expr, strings.Join(unknown, ", "))
	}
	return on, nil
}

// value looks up what a value directive inserts.
func (o Options) value(key string) (string, error) {
	if key == "" {
		return "", errors.New("value needs a key")
	}
	v, ok := o.Values[key]
	if !ok {
		return "", fmt.Errorf("value %s: unknown key", key)
	}
	return v, nil
}

// header collects the directives that are about a whole file.
type header struct {
	as, class, unit string
	excluded        bool
	sql             bool
	conds           int
}

// add takes one directive into the header.
func (h *header) add(verb, arg string, o Options) error {
	switch verb {
	case "if":
		on, err := o.eval(arg)
		if err != nil {
			return err
		}
		if h.conds++; h.conds > 1 {
			return errors.New("the file has an if already: join the two with &&")
		}
		h.excluded = !on
	case "as":
		if h.as != "" {
			return fmt.Errorf("the file is emitted as %s already", h.as)
		}
		if !isFileName(arg) {
			return fmt.Errorf("as needs one file name without a folder, not %q", arg)
		}
		h.as = arg
	case "class":
		if h.class != "" {
			return fmt.Errorf("the file is of class %s already", h.class)
		}
		if !slices.Contains(classes, arg) {
			return fmt.Errorf("unknown class %q: want one of %s", arg, strings.Join(classes, ", "))
		}
		h.class = arg
	case "unit":
		if h.unit != "" {
			return fmt.Errorf("the file is the unit test of %s already", h.unit)
		}
		if !isFileName(arg) {
			return fmt.Errorf("unit needs one file name without a folder, not %q", arg)
		}
		h.unit = arg
	case "sql":
		if h.sql {
			return errors.New("the file says sql already")
		}
		h.sql = true
	}
	return nil
}

// isFileName reports whether s names a file without a folder.
func isFileName(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, " \t/\\")
}

// isHeader reports whether a directive is about the whole file wherever it stands.
func isHeader(verb string) bool {
	return verb == "as" || verb == "class" || verb == "unit" || verb == "sql"
}

// file returns the emitted file.
func (h *header) file(name string, data []byte) File {
	f := File{Name: name, Class: h.class, Data: data}
	if h.as != "" {
		f.Name = path.Join(path.Dir(name), h.as)
	}
	if h.unit != "" {
		f.Unit = path.Join(path.Dir(name), h.unit)
	}
	return f
}

// split takes the text after the marker apart.
func split(text string) (verb, arg string) {
	verb, arg = text, ""
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		verb, arg = text[:i], strings.TrimSpace(text[i:])
	}
	return verb, arg
}

// checkVerb reports a verb that does not exist, and an argument of one that has none.
func checkVerb(verb, arg string) error {
	switch verb {
	case "if", "value", "as", "class", "unit":
		return nil
	case "end", "sql":
		if arg != "" {
			return fmt.Errorf("%s takes no argument, found %q", verb, arg)
		}
		return nil
	}
	return fmt.Errorf("unknown directive %q: want if, end, value, as, class, unit or sql", verb)
}

// problems collects what is wrong with one template.
type problems []problem

type problem struct {
	pos token.Position
	err error
}

func (p *problems) add(pos token.Position, err error) {
	*p = append(*p, problem{pos, err})
}

func (p *problems) addf(pos token.Position, format string, args ...any) {
	p.add(pos, fmt.Errorf(format, args...))
}

// err returns the problems in the order of their positions, or nil.
func (p problems) err() error {
	slices.SortStableFunc(p, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.pos.Line, b.pos.Line), cmp.Compare(a.pos.Column, b.pos.Column))
	})
	errs := make([]error, len(p))
	for i, q := range p {
		errs[i] = fmt.Errorf("%s: %w", q.pos, q.err)
	}
	return errors.Join(errs...)
}

// edits are byte edits, some of which may be inside the range of others.
type edits struct{ text.Edits }

func (e *edits) cut(start, end int) { e.Replace(start, end, "") }

// before reports whether all edits are before an offset.
func (e edits) before(offset int) bool {
	return !slices.ContainsFunc(e.Edits, func(x text.Edit) bool { return x.End > offset })
}

// apply returns src with the edits made. An edit inside the range of another
// is lost with it, so a removed declaration may hold any number of edits.
func (e edits) apply(src []byte) []byte {
	slices.SortStableFunc(e.Edits, func(a, b text.Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	var outer text.Edits
	done := 0
	for _, x := range e.Edits {
		if x.Start >= done {
			outer = append(outer, x)
			done = x.End
		}
	}
	out, err := outer.Apply(src)
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return out
}
