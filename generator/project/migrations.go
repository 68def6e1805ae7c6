package project

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"math/big"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/authgen/authgen/generator/answers"
)

// MigrationDir is a directory in which the project keeps migrations.
type MigrationDir struct {
	Dir      string   // relative to the project's root, with slashes
	Tool     string   // the answer for the tool that applies them
	Evidence Evidence // of the tool

	highest string // number of the last migration, without leading zeros; may be empty
	width   int    // of the number with its leading zeros
}

// Next returns the number for the next migration in the directory: one more than the
// highest, with as many digits. If the numbers are times in UTC, it is now.
func (m MigrationDir) Next(now time.Time) string {
	if m.highest == "" {
		return answers.FirstVersion(m.Tool)
	}
	highest, err := strconv.ParseInt(m.highest, 10, 64)
	if err != nil {
		return answers.FirstVersion(m.Tool)
	}
	if _, err := time.Parse(numberLayout, m.highest); err == nil {
		if next := now.UTC().Format(numberLayout); next > m.highest {
			return next
		}
	}
	if m.width == len(m.highest) {
		return strconv.FormatInt(highest+1, 10)
	}
	return fmt.Sprintf("%0*d", m.width, highest+1)
}

// Last returns the number of the last migration, "" if there is none.
func (m MigrationDir) Last() string { return m.highest }

// NumberAfter reports whether one number of a migration is after another.
func NumberAfter(a, b string) bool { return compareNumbers(a, b) > 0 }

// numberLayout is the layout of numbers that are times.
const numberLayout = "20060102150405"

// compareNumbers compares two decimal numbers.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) // the longer one is the greater
}

// numbered matches the name of a migration, in SQL or in Go.
var numbered = regexp.MustCompile(`^[0-9]+[_.].*\.(sql|go)$`)

// migrationNumber returns the number in the name of a migration, with leading zeros,
// or "" if it is not such a name.
func migrationNumber(name string) string {
	if !numbered.MatchString(name) {
		return ""
	}
	return name[:strings.IndexAny(name, "_.")]
}

// NextNumber returns the number after the highest of the migrations with these names, with
// as many digits, or "" if there are none. After a time in UTC, it is the next second.
func NextNumber(names []string) string {
	highest := ""
	for _, name := range names {
		if number := migrationNumber(name); compareNumbers(number, highest) > 0 {
			highest = number
		}
	}
	if highest == "" {
		return ""
	}
	if at, err := time.Parse(numberLayout, highest); err == nil {
		return at.Add(time.Second).Format(numberLayout)
	}
	// Dbmate and Atlas take the numbers as text, so they may be of any length.
	n, _ := new(big.Int).SetString(highest, 10)
	return fmt.Sprintf("%0*d", len(highest), n.Add(n, big.NewInt(1)))
}

// isMigration reports whether a file with that name may be evidence of migrations.
func isMigration(name string) bool {
	return isProjectFile(name) || numbered.MatchString(name) ||
		slices.ContainsFunc(answers.MigrationTools, func(t answers.MigrationTool) bool { return slices.Contains(t.Beside, name) })
}

// isProjectFile reports whether a file with that name configures a migration tool.
func isProjectFile(name string) bool {
	return slices.ContainsFunc(answers.MigrationTools, func(t answers.MigrationTool) bool { return t.Project != "" && t.Project == name })
}

// migrationDirs returns the directories with migrations for a tool that authgen knows,
// except directories of examples.
func (s *scan) migrationDirs() []MigrationDir {
	byDir := make(map[string][]string)
	projects := make(map[string]string) // by name, the first file that configures a tool
	for _, file := range s.migrations {
		if name := path.Base(file); isProjectFile(name) {
			projects[name] = cmp.Or(projects[name], file)
			continue
		}
		byDir[path.Dir(file)] = append(byDir[path.Dir(file)], file)
	}
	var dirs []MigrationDir
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		m := MigrationDir{Dir: dir}
		slices.Sort(byDir[dir])
		m.Tool, m.Evidence = s.migrationTool(byDir[dir], projects)
		if m.Tool == "" || dir == "." || !m.Evidence.app() {
			continue
		}
		for _, file := range byDir[dir] {
			if number := migrationNumber(path.Base(file)); compareNumbers(number, m.highest) > 0 {
				m.highest, m.width = strings.TrimLeft(number, "0"), len(number)
			}
		}
		dirs = append(dirs, m)
	}
	return dirs
}

// migrationTool returns the tool for which the migrations of a directory are written, and
// the evidence. The content of the files counts more than other files beside them, since
// Atlas reads the formats of other tools, too. Projects are the files that configure
// tools, by name.
func (s *scan) migrationTool(files []string, projects map[string]string) (string, Evidence) {
	beside := func(file string) Evidence {
		return Evidence{Pos: Position{file, 1}, Kind: ByMigration, Text: path.Base(file)}
	}
	var single, pair string
	others := make(map[string]string) // by name
	for _, file := range files {
		switch name := path.Base(file); {
		case !numbered.MatchString(name):
			others[name] = file
		case path.Ext(name) == ".go":
		default:
			if tool, e := s.annotated(file); tool != "" {
				return tool, e
			}
			single = cmp.Or(single, file)
			if of, up := strings.CutSuffix(name, ".up.sql"); up {
				// Pop has a pair for each database, with its name before the suffix.
				if nameOfDatabase(strings.TrimPrefix(path.Ext(of), ".")) {
					return "", Evidence{}
				}
				pair = cmp.Or(pair, file)
			}
		}
	}
	for _, t := range answers.MigrationTools {
		if t.Pair && pair != "" {
			return t.Name, beside(pair)
		}
		for _, name := range t.Beside {
			if file := others[name]; file != "" {
				return t.Name, beside(file)
			}
		}
		if file := projects[t.Project]; file != "" && single != "" {
			return t.Name, beside(file)
		}
	}
	return "", Evidence{}
}

// nameOfDatabase reports whether a database is called that.
func nameOfDatabase(name string) bool {
	return slices.ContainsFunc(answers.Databases, func(d answers.Database) bool { return slices.Contains(d.Names, name) })
}

// annotated returns the tool whose annotation is in a migration, and where.
func (s *scan) annotated(file string) (string, Evidence) {
	f, err := s.fsys.Open(file)
	if err != nil {
		return "", Evidence{}
	}
	defer func() { _ = f.Close() }()
	// Annotations are at the top, and a file with data may be long.
	lines := bufio.NewScanner(io.LimitReader(f, 1<<20))
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		for _, t := range answers.MigrationTools {
			if line := t.Annotation(); line != "" && strings.HasPrefix(text, line) {
				return t.Name, Evidence{Pos: Position{file, n}, Kind: ByMigration, Text: text}
			}
		}
	}
	return "", Evidence{}
}
