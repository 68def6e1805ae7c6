package project

import (
	"bytes"
	"go/ast"
	"go/build/constraint"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// scan collects evidence from the files of a module.
type scan struct {
	fsys       fs.FS
	ignore     []string          // paths of go.mod's ignore lines
	files      []string          // Go files that the go command would look at
	sources    map[string][]byte // of those that have been read
	migrations []string          // files of migrations, and of tools for them
	instances  []string
	unfinished []string // directories where a killed run left its stage
	configs    []string // files that configure sqlc
	sql        []string // files that say what tables there are
	evidence   map[*library][]Evidence
	databases  map[string][]Evidence // by the answer, beside imports of drivers
}

// runsAuthgen reports whether a go:generate line in one of the files runs authgen. It
// opens each directory once, since all files of the module are read here on every run.
func (s *scan) runsAuthgen(root *os.Root) bool {
	var dir string
	var in *os.Root
	defer func() {
		if in != nil {
			_ = in.Close()
		}
	}()
	for _, file := range s.files {
		if in == nil || path.Dir(file) != dir {
			if in != nil {
				_ = in.Close()
			}
			var err error
			dir = path.Dir(file)
			if in, err = root.OpenRoot(dir); err != nil {
				continue
			}
		}
		src, err := in.ReadFile(path.Base(file))
		if err != nil { // it may be a link to another directory
			src, err = root.ReadFile(file)
		}
		if err != nil {
			continue
		}
		s.sources[file] = src
		if bytes.Contains(src, []byte("//go:generate go run ")) && runLine.Match(src) {
			return true
		}
	}
	return false
}

// runLine matches a go:generate line that runs authgen at a version.
var runLine = regexp.MustCompile(`(?m)^//go:generate go run (.* )?` + regexp.QuoteMeta(toolPath) + `@`)

// walk collects the Go files and the instances in and below dir.
func (s *scan) walk(dir string) error {
	entries, err := fs.ReadDir(s.fsys, dir)
	if err != nil {
		if dir == "." {
			return err
		}
		// A directory that belongs to another user is common, such as the data of a
		// database in a container.
		return nil
	}
	if dir != "." && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() == "go.mod" && !e.IsDir()
	}) {
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		file := path.Join(dir, name)
		if slices.Contains(sqlEnds, path.Ext(name)) && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_") && s.isFile(file, e) {
			s.sql = append(s.sql, file)
		}
		switch {
		case name == StageDir && e.IsDir():
			s.unfinished = append(s.unfinished, dir)
		case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"):
		case e.IsDir():
			if skippedDir(name) || s.ignored(file) {
				continue
			}
			if err := s.walk(file); err != nil {
				return err
			}
		case !s.isFile(file, e):
		case name == answers.FileName:
			s.instances = append(s.instances, dir)
		case slices.Contains(sqlcFiles, name):
			s.configs = append(s.configs, file)
		case isMigration(name):
			s.migrations = append(s.migrations, file)
			if path.Ext(name) == ".go" {
				s.files = append(s.files, file)
			}
		case path.Ext(name) == ".go":
			s.files = append(s.files, file)
		}
	}
	return nil
}

// isFile reports whether e is a regular file, or a link to one in the module.
// To open anything else, such as a named pipe, could block.
func (s *scan) isFile(file string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	info, err := fs.Stat(s.fsys, file)
	return err == nil && info.Mode().IsRegular()
}

// ignored reports whether an ignore line of go.mod covers dir: "./x" means x
// at the root, "x" means x at any depth.
func (s *scan) ignored(dir string) bool {
	return slices.ContainsFunc(s.ignore, func(pattern string) bool {
		rest, atRoot := strings.CutPrefix(pattern, "./")
		rest = "/" + path.Clean(rest) + "/"
		if atRoot {
			return strings.HasPrefix("/"+dir+"/", rest)
		}
		return strings.Contains("/"+dir+"/", rest)
	})
}

// excluded reports whether a build constraint excludes f from every build. By convention,
// the tag ignore does so.
func excluded(f *ast.File) bool {
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) {
				continue
			}
			if x, err := constraint.Parse(c.Text); err == nil {
				if satisfiable, _ := outcomes(x); !satisfiable {
					return true
				}
			}
		}
	}
	return false
}

// outcomes returns whether x can be true and whether it can be false, if the tag ignore is
// never set and any other tag may be.
func outcomes(x constraint.Expr) (yes, no bool) {
	switch x := x.(type) {
	case *constraint.TagExpr:
		return x.Tag != "ignore", true
	case *constraint.NotExpr:
		yes, no = outcomes(x.X)
		return no, yes
	case *constraint.AndExpr:
		xYes, xNo := outcomes(x.X)
		yYes, yNo := outcomes(x.Y)
		return xYes && yYes, xNo || yNo
	case *constraint.OrExpr:
		xYes, xNo := outcomes(x.X)
		yYes, yNo := outcomes(x.Y)
		return xYes || yYes, xNo && yNo
	}
	return true, true
}

// skippedDir reports whether a directory with that name does not hold code of the
// application itself.
func skippedDir(name string) bool {
	return strings.HasPrefix(name, ".") || name == "vendor" || name == "node_modules" || name == "testdata"
}
