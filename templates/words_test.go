package templates_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// phrase is a turn of phrase that is not used.
type phrase struct {
	pattern string // a regular expression for whole words; a space is any gap between words
	unless  string // one for what the pattern finds and is right, if any
	say     string
}

// phrases are the turns of phrase that are out, and what to say instead. Comments,
// messages and pages are in plain American English, in the words that users know.
var phrases = []phrase{
	// Words for what people do.
	{`sign(s|ed|ing)?[ -]in`, ``, "log in (verb), login (noun)"},
	{`sign(s|ed|ing)?[ -]out`, ``, "log out (verb), logout (noun)"},
	{`log-(in|out)s?`, ``, "login, logout (nouns); log in, log out (verbs)"},
	{`(can|cannot|could|may|must|please) (login|logout|signup)`, ``, "log in, log out, sign up (verbs)"},

	// British spellings.
	{`(behavi|col|fav|flav|hon|lab|neighb|rum)our(s|ed|ing|able|ite)?`, ``, "American spelling: -or"},
	{`(authori|canonicali|capitali|categori|customi|emphasi|finali|generali|initiali|locali|maximi|memori|minimi|normali|optimi|organi|penali|prioriti|randomi|reali|recogni|seriali|speciali|standardi|summari|synchroni|tokeni|utili)s(e|es|ed|er|ers|ing|ation|ations)`, ``, "American spelling: -ize"},
	{`(analys|catalogu|paralys)(ed|ing)|(analyse|catalogue|paralyse) (an?|the|its?|what)`, ``, "American spelling: analyze, catalog, paralyze"},
	{`(cancel|label|model|signal|travel)l(ed|ing)`, ``, "American spelling: one l"},
	{`(licence|defence|offence|pretence)s?`, ``, "American spelling: license, defense, offense"},
	{`artefacts?|centre[sd]?|enrol|fulfil|grey|judgement|learnt|programmes?|spelt|whilst|amongst`, ``, "American spelling"},
	{`for ever`, ``, "forever"},
	{`till`, ``, "until"},

	// Turns that a native speaker does not use.
	{`so long`, ``, "this long, as long"},
	{`such as (it|they) (is|are)`, ``, "unchanged"},
	{`to be had`, ``, "not available, not found"},
	{`nobody's`, ``, "of no user, belongs to nobody"},
	{`of (no|our|its|their|\w+'s) making`, ``, "written by"},
	{`makes? of (it|them|that|an?|what)`, ``, "does with, turns into"},
	{`that there (is|are|was|were)([.,;:)]| (now|then|already|and|or|in|on|before|is|are))`, ``, "existing, that exist"},
	{`(is|are|was|were) there already`, ``, "already exists"},
	{`what is \w+( \w+)? is`, ``, "name the thing: the X is"},
	{`otherwise than`, ``, "differently from"},
	{`go(es)? on after`, ``, "has data after"},
	{`(is|are) none of`, ``, "is not one of"},
	{`(it|that|which) (is|are) none`, ``, "is not one, is invalid"},
	{`(it|that|which|what) is no [a-z]+`, `no (longer|more|less)`, "is not a"},
	{`(its|our|their|the) business( of)?`, ``, "say who does it"},
	{`it comes to`, ``, "it does"},
	{`for want of`, ``, "without, since there is no"},
	{`from (where|there) on`, ``, "from then on"},
	{`afresh|anew`, ``, "again"},
	{`(or|and) else|^// else|(?-i:Else)|[;:.,] else (it|they|the|all|an?|there|this|its|what)`, ``, "otherwise"},
	{`(who|what)ever it (is|be)`, ``, "any"},
	{`is of no \w+`, ``, "say it with a verb"},
	{`allows? to`, ``, "allows somebody to, lets"},
	{`mend(s|ed|ing)?`, ``, "fix, repair"},
	{`comes? along`, ``, "is written too"},
	{`(is|are) to be (had|seen|found|told)`, ``, "say who does it"},
	{`(called|named) otherwise`, ``, "has another name"},
	{`sees? to (it|everything)`, ``, "makes sure, handles"},
	{`(here|there|where)(by|of|in)|hitherto`, `^(?i)whereby$`, "plain words"},
	{`can not`, ``, "cannot"},
}

// notOurs are the files that are made from others, frozen, or not ours to word.
var notOurs = []string{
	".git", "examples", "testdata/cookies", "testdata/migrationtools", "testdata/versions",
	"templates/words_test.go",
}

// TestWords looks for turns of phrase that are out in everything that people read.
func TestWords(t *testing.T) {
	all := make([]string, len(phrases))
	for i, p := range phrases {
		all[i] = p.pattern
	}
	anyPhrase := compile(strings.Join(all, "|"))
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(notOurs, name):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || !isText(name):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		passages := []passage{{1, string(text)}}
		if path.Ext(name) == ".go" {
			passages = prose(text)
		}
		for _, p := range passages {
			if !anyPhrase.MatchString(p.text) {
				continue
			}
			for _, problem := range p.problems() {
				t.Errorf("%s:%s", name, problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func isText(name string) bool {
	return strings.HasPrefix(name, ".ci/") ||
		slices.Contains([]string{".css", ".example", ".go", ".html", ".js", ".json", ".md", ".sql", ".txtar", ".yaml"}, path.Ext(name))
}

// gap is what may stand between two words of a phrase: blanks, the marks of a comment
// that continues on the next line, and those of a string that does.
const gap = `(?:\s|//|--|#|"\s*\+\s*")+`

// compile compiles a pattern for whole words.
func compile(pattern string) *regexp.Regexp {
	pattern = strings.ReplaceAll(pattern, "[ -]", "(?:-|"+gap+")")
	pattern = strings.ReplaceAll(pattern, " ", gap)
	return regexp.MustCompile(`(?i)(?:^|\b)(?:` + pattern + `)(?:\b|$)`)
}

// passage is a text in a file, from a line on.
type passage struct {
	line int
	text string
}

// prose returns the comments and strings of Go code. Those that continue each other
// are one passage.
func prose(source []byte) []passage {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, source, nil, scanner.ScanComments)
	var passages []passage
	var last token.Token
	start, end := 0, 0
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return passages
		}
		if tok != token.COMMENT && tok != token.STRING {
			continue
		}
		offset := file.Offset(pos)
		between := string(source[end:offset])
		continues := tok == last && (tok == token.COMMENT && strings.TrimSpace(between) == "" && strings.Count(between, "\n") == 1 ||
			tok == token.STRING && strings.Trim(between, " \t\n") == "+")
		if !continues {
			start = offset
			passages = append(passages, passage{line: 1 + bytes.Count(source[:start], []byte("\n"))})
		}
		end, last = offset+len(literal), tok
		passages[len(passages)-1].text = string(source[start:end])
	}
}

// problems returns what is wrong with the words of the passage, each with the line.
func (p passage) problems() []string {
	var found []string
	for _, out := range phrases {
		for _, at := range compile(out.pattern).FindAllStringIndex(p.text, -1) {
			words := p.text[at[0]:at[1]]
			if out.unless == "" || !compile(out.unless).MatchString(words) {
				found = append(found, fmt.Sprintf("%d: %q: %s", p.line+strings.Count(p.text[:at[0]], "\n"), words, out.say))
			}
		}
	}
	return found
}

// In Go, a function called must panics. None is called so that returns an error.
func TestMust(t *testing.T) {
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (slices.Contains(notOurs, name) || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if err != nil || path.Ext(name) != ".go" {
			return err
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, filepath.Join("..", name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(strings.ToLower(f.Name.Name), "must") || f.Type.Results == nil {
				continue
			}
			for _, result := range f.Type.Results.List {
				if types.ExprString(result.Type) == "error" {
					t.Errorf("%s: %s returns an error", fset.Position(f.Pos()), f.Name.Name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every phrase is found, across lines as well, and nothing else is.
func TestPhrases(t *testing.T) {
	for text, want := range map[string]int{
		"Users sign in, and are signed\n// out when\n// they log-out.": 3,
		"\"which normalises it\" +\n\t\t\"so long\"":                   2,
		"otherwise, recognize the color; a promise":                    0,
		"what is no longer needed, and which is no number":             1,
	} {
		if got := (passage{1, text}).problems(); len(got) != want {
			t.Errorf("%q: %q; want %d", text, got, want)
		}
	}
	if got := (passage{7, "a\nb\nc, so\n// long"}).problems(); len(got) != 1 || !strings.HasPrefix(got[0], "9: ") {
		t.Errorf("%q, want one in line 9", got)
	}
}
