package directive

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// lexeme is a token or comment and where it is.
type lexeme struct {
	tok        token.Token
	start, end int
}

// scan returns the tokens of src, including comments, but without the semicolons that
// the scanner inserts.
func scan(src []byte) []lexeme {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	var list []lexeme
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return list
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		start := file.Offset(pos)
		text := lit
		if text == "" || tok == token.SEMICOLON {
			text = tok.String()
		}
		list = append(list, lexeme{tok, start, start + len(text)})
	}
}

// spell returns tokens of src in a form that can be compared.
func spell(src []byte, tokens []lexeme) string {
	var b strings.Builder
	for _, l := range tokens {
		b.Write(src[l.start:l.end])
		b.WriteByte('\n')
	}
	return b.String()
}

// isExpr reports whether s is a Go expression on one line, without comments.
func isExpr(s string) bool {
	if strings.ContainsAny(s, "\r\n") || strings.TrimSpace(s) != s {
		return false
	}
	if slices.ContainsFunc(scan([]byte(s)), func(l lexeme) bool { return l.tok == token.COMMENT || l.tok == token.SEMICOLON }) {
		return false
	}
	_, err := parser.ParseExpr(s)
	return err == nil
}

// isLiteral reports whether s is a basic literal.
func isLiteral(s string) bool {
	tokens := scan([]byte(s))
	return len(tokens) == 1 && tokens[0].tok.IsLiteral()
}

func opens(t token.Token) bool {
	return t == token.LPAREN || t == token.LBRACK || t == token.LBRACE
}

func closes(t token.Token) bool {
	return t == token.RPAREN || t == token.RBRACK || t == token.RBRACE
}
