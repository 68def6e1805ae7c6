package answers

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	yamltoken "github.com/goccy/go-yaml/token"

	"github.com/authgen/authgen/generator/internal/text"
)

// A document is the text of authgen.yaml, with the places of all that is in it, and
// edits to be made.
type document struct {
	data    []byte
	newline string
	root    ast.Node
	spans   map[*yamltoken.Token]span
	answers Answers // of the right types, but not checked
	edits   text.Edits
	err     error // the first of an edit
}

// A span is where something is in the text.
type span struct{ start, end int }

// ReadUnchecked returns the answers in a file, which need not be consistent.
func ReadUnchecked(data []byte) (Answers, error) {
	s, err := readDocument(data)
	if err != nil {
		return Answers{}, err
	}
	return s.answers, nil
}

// readDocument reads a file whose answers need not be consistent.
func readDocument(data []byte) (*document, error) {
	d := newDecoder("", normalDefault())
	root, tokens := d.syntax(data)
	if root == nil {
		return nil, d.problems
	}
	a, ok := d.answers(root)
	if !ok || len(d.problems) > 0 {
		return nil, d.problems
	}
	spans, err := locate(data, tokens)
	if err != nil {
		return nil, err
	}
	return &document{data: data, newline: text.Newline(data), root: root, spans: spans, answers: a}, nil
}

// locate finds the tokens in the text. The positions that the parser reports are
// sometimes wrong, so locate searches for each token after the previous one.
func locate(data []byte, tokens yamltoken.Tokens) (map[*yamltoken.Token]span, error) {
	spans := make(map[*yamltoken.Token]span, len(tokens))
	at := len(data) - len(bytes.TrimPrefix(data, []byte(text.BOM)))
	for _, tk := range tokens {
		at += len(data[at:]) - len(bytes.TrimLeft(data[at:], " \t\r\n"))
		n := tokenLength(tk, data[at:])
		if n < 0 {
			line := bytes.Count(data[:at], []byte("\n")) + 1
			return nil, fmt.Errorf("%q is not on line %d", tk.Value, line)
		}
		spans[tk] = span{at, at + n}
		at += n
	}
	return spans, nil
}

// tokenLength returns how much of the text, which starts with it, is the token,
// or -1 if it does not start with it.
func tokenLength(tk *yamltoken.Token, text []byte) int {
	switch tk.Type {
	case yamltoken.CommentType:
		if !bytes.HasPrefix(text, []byte("#")) {
			return -1
		}
		line, _, _ := bytes.Cut(text, []byte("\n"))
		return len(bytes.TrimRight(line, "\r"))
	case yamltoken.DoubleQuoteType, yamltoken.SingleQuoteType:
		return quotedLength(text)
	}
	n := 0
	for _, r := range tk.Value {
		if r == ' ' || r == '\n' { // as many as there are, where a line is folded
			blank := len(text[n:]) - len(bytes.TrimLeft(text[n:], " \t\r\n"))
			if blank == 0 && (n == 0 || text[n-1] > ' ') {
				return -1
			}
			n += blank
			continue
		}
		if !bytes.HasPrefix(text[n:], []byte(string(r))) {
			return -1
		}
		n += len(string(r))
	}
	return n
}

func quotedLength(text []byte) int {
	if len(text) == 0 || text[0] != '"' && text[0] != '\'' {
		return -1
	}
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return -1
}

// span returns where a token is.
func (s *document) span(tk *yamltoken.Token) span {
	at, ok := s.spans[tk]
	if !ok && s.err == nil {
		s.err = fmt.Errorf("internal error: no place for %v", tk)
	}
	return at
}

// first returns where the first token of a node is.
func (s *document) first(n ast.Node) span {
	switch n := n.(type) {
	case *ast.SequenceNode:
		return s.span(n.Start)
	case *ast.MappingNode:
		if n.IsFlowStyle {
			return s.span(n.Start)
		}
	}
	if pairs := pairsOf(n); len(pairs) > 0 {
		return s.span(pairs[0].Key.GetToken())
	}
	return s.span(n.GetToken())
}

// last returns where the last token of a node is.
func (s *document) last(n ast.Node) span {
	switch n := n.(type) {
	case *ast.SequenceNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return s.last(n.Values[len(n.Values)-1])
		}
		return s.span(n.End)
	case *ast.MappingNode:
		if n.IsFlowStyle {
			return s.span(n.End)
		}
	}
	if pairs := pairsOf(n); len(pairs) > 0 {
		return s.last(pairs[len(pairs)-1].Value)
	}
	return s.span(n.GetToken())
}

// pair returns the key of the root with that name, or nil.
func (s *document) pair(name string) *ast.MappingValueNode {
	for _, p := range pairsOf(s.root) {
		if keyText(p.Key) == name {
			return p
		}
	}
	return nil
}

// pairsOf returns the members of a mapping, and none for another node.
func pairsOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// isFlow reports whether a mapping is one with braces.
func isFlow(n ast.Node) bool {
	m, ok := n.(*ast.MappingNode)
	return ok && m.IsFlowStyle
}

// context returns the context of the place.
func (s *document) context(at int) context {
	depth := 0
	for tk, where := range s.spans {
		if where.start >= at {
			continue
		}
		switch tk.Type {
		case yamltoken.MappingStartType:
			depth++
		case yamltoken.MappingEndType:
			depth--
		}
	}
	if depth > 0 {
		return inBraces
	}
	return inBlock
}

// scalarOf returns the value of a scalar.
func scalarOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.BoolNode:
		return strconv.FormatBool(n.Value)
	case ast.ScalarNode:
		return n.GetToken().Value
	}
	return ""
}

// lineStart returns where the line begins that the place is on.
func (s *document) lineStart(at int) int {
	bom := len(s.data) - len(bytes.TrimPrefix(s.data, []byte(text.BOM)))
	return max(bom, bytes.LastIndexByte(s.data[:at], '\n')+1)
}

// lineEnd returns where the next line begins.
func (s *document) lineEnd(at int) int {
	if i := bytes.IndexByte(s.data[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(s.data)
}

// column returns how many columns are before the place on its line. Only spaces
// and dashes are before one that is asked for.
func (s *document) column(at int) int { return at - s.lineStart(at) }

// onOneLine reports whether a key and its list are on one line, with nothing but
// a comment after them.
func (s *document) onOneLine(pair *ast.MappingValueNode, list *ast.SequenceNode) bool {
	end := s.span(list.End).end
	rest := bytes.TrimSpace(s.data[end:s.lineEnd(end)])
	return s.lineEnd(s.span(pair.Start).end) == s.lineEnd(end) && (len(rest) == 0 || rest[0] == '#')
}

func (s *document) replace(at span, text string) { s.edits.Replace(at.start, at.end, text) }

func (s *document) insert(at int, text string) { s.replace(span{at, at}, text) }

// insertLines inserts whole lines below the line of the place.
func (s *document) insertLines(at int, lines string) {
	at = s.lineEnd(at)
	if at == len(s.data) && !bytes.HasSuffix(s.data, []byte("\n")) {
		lines = s.newline + strings.TrimSuffix(lines, s.newline)
	}
	s.insert(at, lines)
}

// edited returns the text with the edits made.
func (s *document) edited() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	edited, err := s.edits.Apply(s.data)
	if err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	return edited, nil
}
