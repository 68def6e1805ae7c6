package answers

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// LoginPath is the page to which the gate sends visitors, unless the settings of the package
// say otherwise.
const LoginPath = "/login"

func packageProblem(dir string) string {
	if message := dirProblem(dir, "the package needs", "internal/auth"); message != "" {
		return message
	}
	for elem := range strings.SplitSeq(dir, "/") {
		switch {
		case elem == "vendor" || elem == "testdata" || strings.HasPrefix(elem, "_") || strings.HasPrefix(elem, "."):
			return fmt.Sprintf("%q: the go command does not look into %q; choose another directory", dir, elem)
		case strings.HasSuffix(elem, "_test"):
			return fmt.Sprintf("%q: _test at the end of %q is for tests; choose another name", dir, elem)
		}
	}
	if err := module.CheckImportPath(dir); err != nil {
		if invalid, ok := errors.AsType[*module.InvalidPathError](err); ok {
			err = invalid.Err
		}
		return fmt.Sprintf("%q cannot be imported: %v", dir, err)
	}
	return ""
}

// dirProblem returns what is wrong with a directory below the module root, or
// nothing. Needs says who needs one: "the package needs".
func dirProblem(dir, needs, example string) string {
	switch {
	case dir == "":
		return fmt.Sprintf("give a directory below the module root, such as %q", example)
	case len(dir) > maxPackage:
		return fmt.Sprintf("the directory is longer than %d bytes", maxPackage)
	case strings.Contains(dir, `\`):
		return fmt.Sprintf("%q: separate directories with / on every system", dir)
	case strings.HasPrefix(dir, "/"):
		return fmt.Sprintf("%q is absolute; give it from the module root, such as %q", dir, example)
	case slices.Contains(strings.Split(dir, "/"), ".."):
		return fmt.Sprintf("%q: .. is not allowed; give the directory from the module root", dir)
	case path.Clean(dir) == ".":
		return fmt.Sprintf("%q is the module root; %s a directory of its own, such as %q", dir, needs, example)
	case path.Clean(dir) != dir:
		return fmt.Sprintf("%q is not in its shortest form (did you mean %q?)", dir, path.Clean(dir))
	}
	return ""
}

// migrationsDirProblem returns what is wrong with the directory of the
// migrations. Nothing imports it, so it may have more names than a package.
func migrationsDirProblem(dir string) string {
	if dir == "" {
		return ""
	}
	if message := dirProblem(dir, "migrations need", "db/migrations"); message != "" {
		return message
	}
	for elem := range strings.SplitSeq(dir, "/") {
		switch {
		case strings.HasPrefix(elem, "."):
			return fmt.Sprintf("%q: %q is hidden, and authgen does not write there; choose another directory", dir, elem)
		case elem == "vendor" || elem == "node_modules":
			return fmt.Sprintf("%q: other tools replace what is in %q; choose another directory", dir, elem)
		}
	}
	if err := module.CheckFilePath(dir); err != nil || !isASCII(dir) {
		return fmt.Sprintf("%q is not a valid path on every system; use letters, digits and - . _ /", dir)
	}
	return ""
}

func pathProblem(p string) string {
	switch {
	case p == "":
		return `give a path, such as "/auth"`
	case !strings.HasPrefix(p, "/"):
		return fmt.Sprintf("%q: a path starts with / (did you mean %q?)", p, path.Clean("/"+p))
	case strings.ContainsAny(p, "?#"):
		return fmt.Sprintf("%q: a path has no query and no fragment", p)
	case !isASCII(p):
		return fmt.Sprintf("%q: a path is ASCII here, since clients disagree on how to write other characters: letters, digits and - . _ ~ /", p)
	case !pathPattern.MatchString(p):
		return fmt.Sprintf("%q: a path consists of letters, digits and - . _ ~ /; it is not a pattern, and nothing is escaped", p)
	case path.Clean(p) != p:
		return fmt.Sprintf("%q is not in its shortest form (did you mean %q?)", p, path.Clean(p))
	}
	return ""
}

func (c *checker) paths(key string, paths []string) {
	seen := make(map[string]bool)
	for i, p := range paths {
		at := fmt.Sprintf("%s[%d]", key, i)
		if message := pathProblem(p); message != "" {
			c.add(at, "%s", message)
		} else if seen[p] {
			c.add(at, "%q appears twice", p)
		}
		seen[p] = true
	}
}

// outside checks that paths are not below the prefix.
func (c *checker) outside(key string, paths []string, prefix string) {
	if c.wrong["prefix"] {
		return // one problem, not one a path
	}
	for i, p := range paths {
		if p == prefix || strings.HasPrefix(p, prefix+"/") {
			c.add(fmt.Sprintf("%s[%d]", key, i), "%q is below the prefix %q, whose routes have guards of their own; the gate is for the other pages", p, prefix)
		}
	}
}

func (c *checker) disjoint(a Answers) {
	public := make(map[string]bool)
	for _, p := range a.Public {
		public[p] = true
	}
	for i, p := range a.Protected {
		if public[p] {
			c.add(fmt.Sprintf("protected[%d]", i), "%q is public too; remove it from one of the two", p)
		}
	}
}
