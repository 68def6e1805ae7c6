package project

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/authgen/authgen/generator/answers"
)

// source is the Go code of a module. Files are read at once, and parsed when something
// is looked for that they mention.
type source struct {
	module   string
	served   []server // where the application serves HTTP
	fset     *token.FileSet
	files    []*file         // sorted by name
	app      []*file         // those that are part of the application
	packages map[string]*pkg // of the application, by import path
	own      map[string]bool // import paths of the packages that authgen wrote

	callees  map[*ast.CallExpr][]*scope // results of callee
	called   map[*scope][]call          // results of callers
	imports  map[*pkg][]*file           // results of importing
	mentions map[string][]*file         // files of the application, by what they mention
	models   *[]Relation                // once they were looked for
	provided *[]provided                // result of providers, once they were looked for
}

// pkg is a package of the application.
type pkg struct {
	path     string // import path
	files    []*file
	declared map[string][]*file // by the names that they seem to declare at their top
}

// file is a Go file.
type file struct {
	name    string // relative to the module's root, with slashes
	src     []byte
	pkg     *pkg // nil for a file that is not part of the application
	pkgName string
	test    bool
	imports []imported

	declared map[string]bool // names that it seems to declare at its top

	once   sync.Once
	syntax *ast.File // nil unless the file was parsed and has no error
	broken bool      // whether it was parsed and has an error
	index
}

// imported is an import of a file.
type imported struct {
	path string
	name string // what the file calls it: as given, or as expected of the path
	pos  token.Pos
}

// app reports whether the file is part of the application: not a test, an example, or what
// stands in for something in tests.
func (f *file) app() bool { return !f.test && !apart(f.name) }

// apartDirs are the names of directories whose programs and servers are for tests, or are
// examples.
var apartDirs = []string{
	"example", "examples", "test", "tests", "testing", "testonly", "testutil", "testutils",
	"testhelper", "testhelpers", "testserver", "mock", "mocks", "fake", "fakes", "e2e",
}

// apart reports whether a file is in a directory that is not part of the application.
func apart(file string) bool {
	for dir := range strings.SplitSeq(path.Dir(file), "/") {
		first, _, _ := strings.Cut(dir, "-")
		last := dir[strings.LastIndexByte(dir, '-')+1:]
		if slices.Contains(apartDirs, dir) || first != dir && slices.Contains([]string{"test", "mock", "fake"}, first) || last != dir && last == "test" {
			return true
		}
	}
	return false
}

// mentions reports whether one of the texts is in the file, be it in a comment.
func (f *file) mentions(texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return bytes.Contains(f.src, []byte(text)) })
}

// readSource reads the Go files of a module.
func readSource(from *scan, module string) *source {
	names := from.files
	s := &source{
		module: module, fset: token.NewFileSet(),
		packages: make(map[string]*pkg), own: make(map[string]bool),
		callees: make(map[*ast.CallExpr][]*scope), called: make(map[*scope][]call), imports: make(map[*pkg][]*file),
		mentions: make(map[string][]*file),
	}
	files := make([]*file, len(names))
	parallel(len(names), func(i int) { files[i] = s.read(from, names[i]) })
	s.files = slices.DeleteFunc(files, func(f *file) bool { return f == nil })
	packageNames := make(map[string]string)
	for _, f := range s.files {
		if !f.app() {
			continue
		}
		importPath := path.Join(module, path.Dir(f.name))
		p := s.packages[importPath]
		if p == nil {
			p = &pkg{path: importPath, declared: make(map[string][]*file)}
			s.packages[importPath] = p
		}
		f.pkg = p
		p.files = append(p.files, f)
		for name := range f.declared {
			p.declared[name] = append(p.declared[name], f)
		}
		packageNames[importPath] = f.pkgName
		s.app = append(s.app, f)
	}
	for _, f := range s.files {
		for i, imp := range f.imports {
			if name := packageNames[imp.path]; name != "" && imp.name == "" {
				f.imports[i].name = name
			} else if imp.name == "" {
				f.imports[i].name = usualName(imp.path)
			}
		}
	}
	return s
}

// parallel calls do with each number below n, on all processors.
func parallel(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

// largest is the size of the largest file that is looked at. Nobody writes larger ones.
const largest = 1 << 20

// declaredIn returns the names that a file seems to declare at its top. It saves parsing
// files that declare others, and so goes by the layout that gofmt gives.
func declaredIn(src []byte) map[string]bool {
	names := make(map[string]bool)
	group := false
	for line := range bytes.Lines(src) {
		text := bytes.TrimRight(line, "\r\n")
		if group {
			switch {
			case len(text) > 0 && text[0] == ')':
				group = false
			case len(text) > 1 && text[0] == '\t' && text[1] != '\t':
				addNames(names, text[1:])
			}
			continue
		}
		keyword, rest, _ := bytes.Cut(text, []byte(" "))
		switch string(keyword) {
		case "func":
			if len(rest) > 0 && rest[0] == '(' { // a method
				_, rest, _ = bytes.Cut(rest, []byte(") "))
			}
			addNames(names, rest)
		case "type", "var", "const":
			if group = bytes.Equal(rest, []byte("(")); !group {
				addNames(names, rest)
			}
		}
	}
	return names
}

// addNames adds the names that a declaration begins with.
func addNames(names map[string]bool, declaration []byte) {
	for {
		n := bytes.IndexFunc(declaration, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
		if n < 0 {
			n = len(declaration)
		}
		if n == 0 {
			return
		}
		names[string(declaration[:n])] = true
		rest, ok := bytes.CutPrefix(declaration[n:], []byte(", "))
		if !ok {
			return
		}
		declaration = rest
	}
}

// read reads a file with its imports. It returns nil if the file cannot be read or
// parsed, or is excluded from every build.
func (s *source) read(from *scan, name string) *file {
	src, ok := from.sources[name]
	if !ok {
		var err error
		if src, err = fs.ReadFile(from.fsys, name); err != nil {
			return nil
		}
	}
	if len(src) > largest {
		return nil
	}
	header, err := parser.ParseFile(s.fset, name, src, parser.ImportsOnly|parser.ParseComments)
	if err != nil || excluded(header) {
		return nil
	}
	f := &file{name: name, src: src, pkgName: header.Name.Name, test: strings.HasSuffix(name, "_test.go")}
	if f.app() {
		f.declared = declaredIn(src)
	}
	for _, spec := range header.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil
		}
		imp := imported{path: importPath, pos: spec.Pos()}
		if spec.Name != nil {
			imp.name = spec.Name.Name
		}
		f.imports = append(f.imports, imp)
	}
	return f
}

// majorVersion matches the last element of the import path of a later major version.
var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// usualName returns the name that a package most likely has.
func usualName(importPath string) string {
	for _, r := range answers.Routers {
		if r.Import == importPath {
			return r.Package
		}
	}
	for _, h := range answers.Handles {
		if isVersionOf(importPath, h.Import) {
			return h.Package
		}
	}
	name := path.Base(importPath)
	if majorVersion.MatchString(name) {
		name = path.Base(path.Dir(importPath))
	}
	name, _, _ = strings.Cut(name, ".") // gopkg.in/yaml.v3
	name = strings.TrimSuffix(strings.TrimPrefix(name, "go-"), "-go")
	return name[strings.LastIndexByte(name, '-')+1:]
}

// isVersionOf reports whether an import path is that of a package, or of a later major
// version of it.
func isVersionOf(importPath, of string) bool {
	rest, ok := strings.CutPrefix(importPath, of)
	return ok && (rest == "" || rest[0] == '/' && majorVersion.MatchString(rest[1:]))
}

// importOf returns the import path that a file calls by that name, or "".
func (f *file) importOf(name string) string {
	for _, imp := range f.imports {
		if imp.name == name {
			return imp.path
		}
	}
	return ""
}

// parse parses and indexes a file, unless it did so before. It reports whether the file
// has no error.
func (s *source) parse(f *file) bool {
	f.once.Do(func() {
		syntax, err := parser.ParseFile(s.fset, f.name, f.src, parser.SkipObjectResolution)
		if err != nil {
			f.broken = true
			return
		}
		f.syntax = syntax
		f.makeIndex()
	})
	return f.syntax != nil
}

// mentioning returns the files of the application that mention one of the texts, parsed.
func (s *source) mentioning(texts ...string) []*file {
	mention := make(map[*file]bool)
	for _, text := range texts {
		files, ok := s.mentions[text]
		if !ok {
			for _, f := range s.app {
				if f.mentions(text) {
					files = append(files, f)
				}
			}
			s.mentions[text] = files
		}
		for _, f := range files {
			mention[f] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(s.app), func(f *file) bool { return !mention[f] || !s.parse(f) })
}

// importing returns the files of the application that import a package of it.
func (s *source) importing(p *pkg) []*file {
	files, ok := s.imports[p]
	if !ok {
		for _, f := range s.app {
			if f.importsPath(p.path) {
				files = append(files, f)
			}
		}
		s.imports[p] = files
	}
	return files
}

// parsedOf returns those of the files that mention one of the texts, parsed.
func (s *source) parsedOf(files []*file, texts ...string) []*file {
	var found []*file
	for _, f := range files {
		if f.mentions(texts...) && s.parse(f) {
			found = append(found, f)
		}
	}
	return found
}

// declaring returns the files of a package that seem to declare a name, parsed.
func (s *source) declaring(p *pkg, name string) []*file {
	return slices.DeleteFunc(slices.Clone(p.declared[name]), func(f *file) bool { return !s.parse(f) })
}

// position returns the line of pos.
func (s *source) position(pos token.Pos) Position {
	p := s.fset.PositionFor(pos, false)
	return Position{File: p.Filename, Line: p.Line}
}

// text returns the source text of a node.
func (s *source) text(f *file, n ast.Node) string {
	if n == nil {
		return ""
	}
	from, to := s.fset.PositionFor(n.Pos(), false).Offset, s.fset.PositionFor(n.End(), false).Offset
	return string(f.src[from:to])
}
