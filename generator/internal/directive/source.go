package directive

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"

	"github.com/authgen/authgen/generator/internal/text"
)

// source is a parsed Go file and its bytes.
type source struct {
	src  []byte
	file *ast.File
	pos  *token.File

	comments map[int]int // start to end
}

// parseGo parses src. Names are resolved within the file, to distinguish the use of an
// import from the use of a local variable of the same name.
func parseGo(name string, src []byte) (*source, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	s := &source{src: src, file: file, pos: fset.File(file.FileStart), comments: map[int]int{}}
	for _, g := range file.Comments {
		for _, c := range g.List {
			s.comments[s.offset(c.Pos())] = s.offset(c.End())
		}
	}
	return s, nil
}

// syntaxErrors returns all errors of the parser in the form of problems. The parser's own
// error shows only the first.
func syntaxErrors(err error) error {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return err
	}
	var p problems
	for _, e := range list {
		p.addf(e.Pos, "%s", e.Msg)
	}
	return p.err()
}

func (s *source) offset(p token.Pos) int { return s.pos.Offset(p) }

// position returns a position in the template: it ignores //line comments.
func (s *source) position(p token.Pos) token.Position { return s.pos.PositionFor(p, false) }

func (s *source) line(p token.Pos) int { return s.position(p).Line }

// lineStart returns the offset of the first byte of the line that i is on.
func (s *source) lineStart(i int) int { return bytes.LastIndexByte(s.src[:i], '\n') + 1 }

// lineEnd returns the offset after the newline that ends the line of i.
func (s *source) lineEnd(i int) int {
	if n := bytes.IndexByte(s.src[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(s.src)
}

// firstOnLine reports whether there is only white space before i on its line.
func (s *source) firstOnLine(i int) bool {
	return len(bytes.TrimSpace(s.src[s.lineStart(i):i])) == 0
}

// lines widens the range from start to end to whole lines, including comments after it on
// the last line. It reports false if there is other code on those lines.
func (s *source) lines(start, end int) (from, to int, ok bool) {
	if !s.firstOnLine(start) {
		return start, end, false
	}
	for i := end; i < len(s.src); {
		if after, ok := s.comments[i]; ok {
			i = after
			continue
		}
		switch s.src[i] {
		case '\n':
			return s.lineStart(start), i + 1, true
		case ' ', '\t', ';':
			i++
		default:
			return start, end, false
		}
	}
	return s.lineStart(start), len(s.src), true
}

// cutLines removes whole lines, or only the range if there is other code on its lines.
func (s *source) cutLines(e *edits, start, end int) {
	from, to, _ := s.lines(start, end)
	e.cut(from, to)
}

// docStart returns where a node begins, with its doc comment if that is not nil.
func docStart(doc *ast.CommentGroup, n ast.Node) token.Pos {
	if doc != nil {
		return doc.Pos()
	}
	return n.Pos()
}

// plainLines returns src without a byte order mark and with \n as line ending. A carriage
// return anywhere else is an error: the parser drops it from comments and raw strings, so
// every position after it would be wrong.
func plainLines(name string, src []byte) ([]byte, error) {
	src = text.Normalize(src)
	if i := bytes.IndexByte(src, '\r'); i >= 0 {
		line := bytes.Count(src[:i], []byte("\n")) + 1
		col := i - bytes.LastIndexByte(src[:i], '\n')
		return nil, fmt.Errorf("%s:%d:%d: carriage return inside a line", name, line, col)
	}
	return src, nil
}
