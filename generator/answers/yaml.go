package answers

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	yamltoken "github.com/goccy/go-yaml/token"

	"github.com/authgen/authgen/generator/internal/merge"
	"github.com/authgen/authgen/generator/internal/text"
)

// answersVersion is the version of the format of authgen.yaml. It changes
// only when an older authgen would misread a newer file.
const answersVersion = 1

// Limits of what is parsed: many keys, many wrong items and deep nesting take
// quadratic time. Answers stay far below them.
const (
	maxFile  = 1 << 20 // bytes
	maxParts = 5000    // keys and items
	maxDepth = 8
)

// Parse reads authgen.yaml. File is its name, for errors.
//
// The file is taken strictly: an unknown or repeated key, a value of another
// type, an anchor or a second document is an error. A key that is missing has
// its default, see Schema; nothing else is derived. The answers are those that
// Check accepts.
//
// An error is Problems, sorted by position; each has one, with columns
// counted in characters.
func Parse(file string, data []byte) (Answers, error) {
	return parse(file, data, normalDefault())
}

// parse is Parse with other answers for keys that are missing.
func parse(file string, data []byte, missing Answers) (Answers, error) {
	d := newDecoder(file, missing)
	a, ok := d.parse(data)
	if ok {
		d.check(a)
	}
	if len(d.problems) > 0 {
		d.problems.sort()
		return Answers{}, d.problems
	}
	return a, nil
}

// decoder turns the syntax tree into answers, and remembers where each was.
type decoder struct {
	file      string
	missing   Answers // for the keys that are missing, unless these follow from others
	problems  Problems
	root      token.Position            // where the first key is
	positions map[string]token.Position // path of an answer to its value, or its key if that is a list
	broken    []string                  // paths that have no usable value
}

func newDecoder(file string, missing Answers) *decoder {
	return &decoder{file: file, missing: missing, positions: make(map[string]token.Position)}
}

// normalDefault returns the answers of a file without any.
func normalDefault() Answers {
	a := Default()
	a.Normalize()
	return a
}

func (d *decoder) pos(tk *yamltoken.Token) token.Position {
	p := token.Position{Filename: d.file, Line: 1, Column: 1}
	if tk != nil && tk.Position != nil {
		p.Line, p.Column = max(1, tk.Position.Line), max(1, tk.Position.Column)
	}
	return p
}

// fail records a problem at a position, of a path that is broken by it.
func (d *decoder) fail(at token.Position, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{Pos: at, Path: path, Message: fmt.Sprintf(format, args...)})
	if path != "" {
		d.broken = append(d.broken, path)
	}
}

// parse returns the answers, and whether they are worth checking.
func (d *decoder) parse(data []byte) (Answers, bool) {
	root, _ := d.syntax(data)
	if root == nil {
		return Answers{}, false
	}
	return d.answers(root)
}

// syntax returns the root of the file and all tokens of it, or nil if there is a
// problem.
func (d *decoder) syntax(data []byte) (ast.Node, yamltoken.Tokens) {
	if len(data) > maxFile {
		d.fail(d.pos(nil), "", "larger than 1 MiB, so these are no answers")
		return nil, nil
	}
	data = text.Normalize(data) // the lexer miscounts lines that end with \r\n
	if at := invalidUTF8(data); at >= 0 {
		p := d.pos(nil)
		p.Line += bytes.Count(data[:at], []byte("\n"))
		p.Column += utf8.RuneCount(data[bytes.LastIndexByte(data[:at], '\n')+1 : at])
		d.fail(p, "", "not valid UTF-8")
		return nil, nil
	}
	// No answer goes on at the start of a line with seven of these characters.
	if line := merge.FirstMarker(data); line > 0 {
		p := d.pos(nil)
		p.Line = line
		d.fail(p, "", "git left conflict markers in the file; keep what is right, and delete the lines with <<<<<<<, ======= and >>>>>>>")
		return nil, nil
	}
	tokens := lexer.Tokenize(string(data))
	if !d.plain(tokens) {
		return nil, nil
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		if e, ok := errors.AsType[yaml.Error](err); ok {
			d.fail(d.pos(e.GetToken()), "", "%s", e.GetMessage())
		} else {
			d.fail(d.pos(nil), "", "%v", err)
		}
		return nil, nil
	}
	for _, doc := range tree.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			return doc.Body, tokens
		}
	}
	d.fail(d.pos(nil), "", "empty; the first line is %q", versionLine)
	return nil, nil
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// plain reports whether the file keeps to the part of YAML that answers need,
// and stays within the limits.
func (d *decoder) plain(tokens yamltoken.Tokens) bool {
	var (
		parts, depth int
		dashes       int // on this line: each nests
		line         int
		content      bool // seen
		ended        bool // by "..."
	)
	for _, tk := range tokens {
		at := d.pos(tk)
		if at.Line != line {
			line, dashes = at.Line, 0
		}
		switch tk.Type {
		case yamltoken.CommentType:
			continue
		case yamltoken.DocumentHeaderType:
			if content || ended {
				d.fail(at, "", "a second document; answers are one")
				return false
			}
			continue
		case yamltoken.DocumentEndType:
			ended = true
			continue
		case yamltoken.AnchorType, yamltoken.AliasType, yamltoken.MergeKeyType:
			d.fail(at, "", "anchors and aliases are not allowed; write the value out, in quotes if it begins with %s", tk.Value)
		case yamltoken.TagType:
			d.fail(at, "", "tags are not allowed; remove %q", tk.Value)
		case yamltoken.DirectiveType:
			d.fail(at, "", "directives are not allowed; remove the line")
			return false // the marker after it does not begin a second document
		case yamltoken.MappingKeyType:
			d.fail(at, "", "keys with ? are not allowed; write key: value")
		case yamltoken.MappingValueType, yamltoken.CollectEntryType:
			parts++
		case yamltoken.SequenceEntryType:
			parts++
			dashes++
		case yamltoken.SequenceStartType, yamltoken.MappingStartType:
			depth++
		case yamltoken.SequenceEndType, yamltoken.MappingEndType:
			depth--
		}
		if parts > maxParts {
			d.fail(at, "", "more than %d keys and items, so these are no answers", maxParts)
			return false
		}
		if depth > maxDepth || dashes > maxDepth {
			d.fail(at, "", "nested more than %d deep, so these are no answers", maxDepth)
			return false
		}
		if ended {
			d.fail(at, "", "a second document; answers are one")
			return false
		}
		if !content {
			content, d.root = true, at
		}
	}
	return len(d.problems) == 0
}

// answers decodes the root of the file.
func (d *decoder) answers(root ast.Node) (Answers, bool) {
	a := d.missing
	seen := make(map[string]bool)
	version := "" // of a newer format
	var versionAt token.Position
	ok := d.mapping(root, "", "answers are keys with values", keyNames(), func(key string, value ast.Node) {
		seen[key] = true
		if key == "version" {
			version, versionAt = d.version(value), d.positions[key]
			return
		}
		k := KeyNamed(key)
		k.written().decode(d, k, value, &a)
	})
	if !ok {
		return Answers{}, false
	}
	if version != "" {
		// Whatever else looks wrong may be right in that version.
		d.problems = nil
		d.fail(versionAt, "version", "%s is from a newer authgen, and this one knows %d; install a newer one", version, answersVersion)
		return Answers{}, false
	}
	if !seen["version"] {
		d.fail(d.root, "", "the version is missing; the first line is %q", versionLine)
	}
	for _, k := range Keys {
		if k.derived != nil && !seen[k.Name] {
			a.derive(k)
		}
	}
	return a, true
}

// check adds what Check finds, except for what follows from a value that
// could not be read.
func (d *decoder) check(a Answers) {
	problems, _ := errors.AsType[Problems](a.Check())
	for _, p := range problems {
		if !d.affected(p.Path) {
			p.Pos = d.position(p.Path)
			d.problems = append(d.problems, p)
		}
	}
}

// keysWith returns the keys that the check of a key looks at too.
func keysWith(key string) []string {
	k, _ := keyNamed(key)
	return k.with
}

// affected reports whether what is said of the path may only be due to a
// broken value.
func (d *decoder) affected(path string) bool {
	key := Problem{Path: path}.Key()
	for _, broken := range d.broken {
		rest, part := strings.CutPrefix(path, broken)
		part = part && (rest == "" || rest[0] == '.' || rest[0] == '[')
		if part || slices.Contains(keysWith(key), Problem{Path: broken}.Key()) {
			return true
		}
	}
	return false
}

// position returns where an answer is, or the one that it is a part of, or,
// if the file has neither, the one that its default comes from.
func (d *decoder) position(path string) token.Position {
	key := Problem{Path: path}.Key()
	for path != "" {
		if p, ok := d.positions[path]; ok {
			return p
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	for _, other := range keysWith(key) {
		if p, ok := d.positions[other]; ok {
			return p
		}
	}
	return d.root
}

// version returns the version if it is one of a newer authgen.
func (d *decoder) version(node ast.Node) string {
	n, ok := node.(*ast.IntegerNode)
	if !ok {
		d.fail(d.positions["version"], "version", "want the number %d; this is %s", answersVersion, kind(node))
		return ""
	}
	v, err := strconv.ParseUint(fmt.Sprint(n.Value), 10, 64)
	if err != nil || v < answersVersion {
		d.fail(d.positions["version"], "version", "there is no version %s; this authgen knows %d", n.GetToken().Value, answersVersion)
		return ""
	}
	if v > answersVersion {
		return strconv.FormatUint(v, 10)
	}
	return ""
}

var versionLine = fmt.Sprintf("version: %d", answersVersion)

// Format returns the file: every answer, in question order, each below a
// comment. It depends on nothing but the answers, and Parse returns
// them unchanged if Check accepts them.
func (a Answers) Format() []byte {
	var b bytes.Buffer
	b.WriteString("# What this package is generated from. After a change, run authgen generate.\n")
	b.WriteString(versionLine + "\n")
	for _, k := range a.writtenKeys() {
		fmt.Fprintf(&b, "\n# %s\n%s", k.comment(), a.entry(k))
	}
	return b.Bytes()
}

// Canonical returns the file without its comments: equal answers have equal ones.
func (a Answers) Canonical() []byte {
	var b bytes.Buffer
	b.WriteString(versionLine + "\n")
	for _, k := range a.writtenKeys() {
		b.WriteString(a.entry(k))
	}
	return b.Bytes()
}

// writtenKeys returns the keys that the file has for these answers.
func (a Answers) writtenKeys() []Key {
	defaults := Default()
	return slices.DeleteFunc(slices.Clone(Keys), func(k Key) bool {
		return k.FlagOnly || k.OmitDefault && a.Get(k.Name) == defaults.Get(k.Name)
	})
}

// entry returns the lines that say the answer to one question.
func (a Answers) entry(k Key) string { return k.written().value(a).entry(k.Name) }

// entry returns the lines that say the value of a key.
func (v yamlValue) entry(key string) string {
	var b bytes.Buffer
	switch {
	case v.members != nil:
		b.WriteString(key + ":\n")
		for _, m := range v.members {
			fmt.Fprintf(&b, "  %s: %s\n", m.name, m.value.flow(inBlock))
		}
	case len(v.items) > 0:
		b.WriteString(key + ":\n")
		for _, item := range v.items {
			b.WriteString(item.block("  "))
		}
	default:
		fmt.Fprintf(&b, "%s: %s\n", key, v.flow(inBlock))
	}
	return b.String()
}

// comment returns what the key is and, where there is a choice, which values
// it may have.
func (k Key) comment() string {
	if len(k.Values) == 0 || k.Many {
		return k.Help
	}
	names := make([]string, len(k.Values))
	for i, v := range k.Values {
		names[i] = v.Name
	}
	return k.Help + ": " + strings.Join(names, ", ")
}

// plainText is what can stand without quotes, in a list with brackets too.
var plainText = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9._~/-]*(:[A-Za-z0-9._~/-]+)*$`)

// yamlWords are plain words that some version of YAML does not read as text.
var yamlWords = strings.Fields("true false yes no on off y n null")

func yamlText(s string) string {
	if plainText.MatchString(s) && !slices.Contains(yamlWords, strings.ToLower(s)) {
		return s
	}
	return strconv.Quote(s)
}
