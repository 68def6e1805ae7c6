// Package directive makes one file out of a template for one set of answers.
//
// A template is a real file: Go that compiles, SQL that runs, Markdown that
// can be read. Directives in its comments say which parts are kept for which
// answers. The package only removes text, by byte edits at the positions that
// the parser reports, so the rest is byte for byte as the author of the template
// wrote it; renames and inserted values are the few exceptions. It knows nothing
// about the subject of the templates.
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
// A file with an if loses its //go:build line as well: it only lets alternatives
// compile beside each other as templates.
//
// As the last line of the doc comment of a declaration, of a spec inside
// parentheses, of a struct field or of an interface method, if keeps or removes
// what the comment documents.
//
// Inside a function body, and inside the braces of a composite literal such as a
// table, if and end each stand alone on a line and enclose a region of whole
// lines. Regions do not nest, and there is no else.
//
// A comment "//authgen:value KEY" at the end of a line that holds exactly one
// string or integer literal replaces that literal.
//
// EXPR is what a //go:build line takes: names, &&, ||, ! and parentheses.
//
// In a file that says sql, each question mark in the string literals of a top-level
// constant is a placeholder. For a database that numbers placeholders, they become $1,
// $2 and so on, from $1 on in each constant. Placeholders in another constant that the
// expression names are not counted, so none may follow it.
//
// Expressions, import paths and words can be replaced throughout; see [Options].
//
// Imports that nothing uses any more are dropped. Names of imported packages are
// derived from their paths, so an import needs an explicit name if its path, apart
// from a major version, does not end in the name of the package.
//
// # Other files
//
// The comment is "-- authgen:…" in SQL, "<!-- authgen:… -->" in .md, .html and
// .tmpl files, and "# authgen:…" everywhere else.
//
// The header is the run of directive lines at the start of the file; only a #! line may
// come before it. Directives as, class and unit belong in the header; there is no sql. An
// if in the header is about the file if a blank line or the end of the file follows the
// header; otherwise, and everywhere else, if and end enclose a region of whole lines. A
// value directive at the end of a line replaces the whole line; the value may be several
// lines, and an empty value drops the line.
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

	// Packages maps names of packages in the templates to new names. It changes
	// the package clause, of external tests too, and "Package …" at the start of
	// the package doc. In a file that imports such a package, it changes the
	// qualified identifiers, if Imports rewrites the import.
	Packages map[string]string

	// Imports rewrites import paths: a path that equals a key, or that starts
	// with one followed by a slash. The longest key that fits is taken.
	Imports map[string]string

	// NumberPlaceholders is whether placeholders in SQL become $1, $2 and so on
	// instead of question marks.
	NumberPlaceholders bool

	// Exprs replaces Go expressions, including types, that are written like a
	// key, such as "*echo.Context" or "c.Context", apart from white space. If one
	// match is inside another, only the outer one is replaced. The new text is
	// inserted as it is: it must bind as tightly as the old expression, and use
	// only imports that the file has. A key must be more than a name or a
	// literal: use Words or Values for these.
	Exprs map[string]string

	// Words replaces whole words. In Go files, it does so in string literals,
	// except for import paths, and in comments, except for //go: directives; in
	// other files, everywhere. A word ends between a letter, digit or underscore
	// and any other character. Inserted values are not changed. A replacement is
	// one line, without backquotes and "*/".
	Words map[string]string
}

// Touches reports whether specializing a well-formed template could change it. It only
// searches for directives and for names to replace, which is much cheaper than parsing.
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

// Excludes reports whether the header of a well-formed Go template excludes the file. It
// reads only the header, and is cheap.
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
	Name  string // slash-separated; that of the template unless there is an as directive
	Class string // empty unless there is a class directive
	Unit  string // slash-separated name of the file that a unit directive names; otherwise empty
	Data  []byte
}

const marker = "authgen:"

var classes = []string{"generated", "yours", "once", "migration"}

// check returns an error for options that are invalid for every template.
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

// eval reports whether expr is true. It evaluates both sides of every operator, so it
// finds unknown names whatever the answers are.
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

// add adds a directive to the header.
func (h *header) add(verb, arg string, o Options) error {
	switch verb {
	case "if":
		on, err := o.eval(arg)
		if err != nil {
			return err
		}
		if h.conds++; h.conds > 1 {
			return errors.New("the file already has an if: join the two with &&")
		}
		h.excluded = !on
	case "as":
		if h.as != "" {
			return fmt.Errorf("the file is already emitted as %s", h.as)
		}
		if !isFileName(arg) {
			return fmt.Errorf("as needs one file name without a folder, not %q", arg)
		}
		h.as = arg
	case "class":
		if h.class != "" {
			return fmt.Errorf("the file already has class %s", h.class)
		}
		if !slices.Contains(classes, arg) {
			return fmt.Errorf("unknown class %q: want one of %s", arg, strings.Join(classes, ", "))
		}
		h.class = arg
	case "unit":
		if h.unit != "" {
			return fmt.Errorf("the file is already the unit test of %s", h.unit)
		}
		if !isFileName(arg) {
			return fmt.Errorf("unit needs one file name without a folder, not %q", arg)
		}
		h.unit = arg
	case "sql":
		if h.sql {
			return errors.New("the file already says sql")
		}
		h.sql = true
	}
	return nil
}

// isFileName reports whether s names a file without a folder.
func isFileName(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, " \t/\\")
}

// isHeader reports whether a directive is always about the whole file.
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

// split splits the text after the marker.
func split(text string) (verb, arg string) {
	verb, arg = text, ""
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		verb, arg = text[:i], strings.TrimSpace(text[i:])
	}
	return verb, arg
}

// checkVerb returns an error for an unknown verb, and for an argument of a verb that takes
// none.
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

// apply returns src with the edits made. An edit inside the range of another is dropped,
// so there may be edits inside a declaration that is removed.
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
