package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// takenIn returns a function that reports problems with the places in the project where
// answers would put a new package and its migration.
func takenIn(project *project.Project) func(answers.Answers) answers.Problems {
	return func(a answers.Answers) answers.Problems {
		var problems answers.Problems
		for _, p := range []answers.Problem{
			{Path: "package", Message: packageTaken(project, a.Package)},
			{Path: "migrations_dir", Message: migrationsDirMissing(project, a)},
			{Path: "migrations_version", Message: migrationTaken(project, a)},
		} {
			if p.Message != "" {
				problems = append(problems, p)
			}
		}
		return problems
	}
}

// migrationsDirMissing returns a message if the directory of the migrations does not
// exist and its name looks like a typing error, otherwise "".
func migrationsDirMissing(project *project.Project, a answers.Answers) string {
	if a.MigrationsDir == "" {
		return ""
	}
	_, err := os.ReadDir(filepath.Join(project.Root, filepath.FromSlash(a.MigrationsDir)))
	var dirs []string
	for _, m := range project.Migrations {
		dirs = append(dirs, m.Dir)
	}
	if meant := answers.DidYouMean(a.MigrationsDir, dirs); errors.Is(err, os.ErrNotExist) && meant != "" {
		return fmt.Sprintf("there is no directory %q%s; create it if the name is right", a.MigrationsDir, meant)
	}
	return ""
}

// migrationTaken returns why a new migration cannot have its number, otherwise "".
func migrationTaken(project *project.Project, a answers.Answers) string {
	if a.MigrationsDir == "" {
		return ""
	}
	if _, err := os.Stat(filepath.Join(project.Root, filepath.FromSlash(a.Package), plan.LockFile)); err == nil {
		return "" // the file may be authgen's
	}
	entries, _ := os.ReadDir(filepath.Join(project.Root, filepath.FromSlash(a.MigrationsDir)))
	for _, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "_")
		if sameNumber(number, a.MigrationsVersion) {
			return fmt.Sprintf("%s is taken by %s; choose another", a.MigrationsVersion, path.Join(a.MigrationsDir, e.Name()))
		}
	}
	return ""
}

// sameNumber reports whether two numbers are equal apart from leading zeros.
func sameNumber(a, b string) bool {
	return strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0")
}

// packageTaken returns why a new package cannot be in dir, otherwise "".
func packageTaken(project *project.Project, dir string) string {
	if slices.Contains(project.Instances, dir) {
		return fmt.Sprintf("%s already exists", path.Join(dir, answers.FileName))
	}
	name := project.Root
	for elem := range strings.SplitSeq(dir, "/") {
		name = filepath.Join(name, elem)
		if info, err := os.Stat(name); err == nil && !info.IsDir() {
			return fmt.Sprintf("%s is a file", name)
		}
	}
	if _, err := os.Stat(filepath.Join(name, plan.LockFile)); err == nil {
		return "" // a package of authgen whose answers are lost
	}
	files, _ := filepath.Glob(filepath.Join(name, "*.go"))
	if len(files) > 0 {
		return fmt.Sprintf("%s has Go files of another package, such as %s", dir, filepath.Base(files[0]))
	}
	return ""
}
