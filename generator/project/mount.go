package project

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A MountPoint is where further routes are added to the application's router.
type MountPoint struct {
	Pos      Position // line to add them below; zero if the application makes no router
	After    string   // what is on that line
	Router   string   // answer for the router
	Variable string   // that holds the router, or its usual name
	InMain   bool     // whether Pos is in the function main of a program
}

// MountPoint returns where to mount routes that are written for a router.
func (p *Project) MountPoint(router string) MountPoint {
	known := answers.RouterNamed(router)
	e, ok := p.madeAt(router)
	if !ok && known.Standard() {
		// Every router can forward to handlers of net/http.
		if e, ok = p.Mount(); ok {
			known = answers.RouterNamed(p.madeBy(e))
		}
	}
	m := MountPoint{Router: known.Name, Variable: known.Variable}
	if !ok {
		return m
	}
	if e.Kind == ByRegistration {
		m.Variable = known.Default
	} else if name := p.AssignedTo(e); name != "" {
		m.Variable = name
	}
	m.Pos, m.After = e.Pos, e.Text
	// Other middleware, such as for logs, should come before that of the package.
	if pos, ok := p.lastUse(e.Pos, m.Variable); ok {
		m.Pos, m.After = pos, "the last "+m.Variable+".Use"
	}
	m.InMain = e.Main && p.inFuncMain(m.Pos)
	return m
}

// madeAt returns the line where the application makes the router with that name.
func (p *Project) madeAt(router string) (Evidence, bool) {
	for _, c := range p.Routers {
		if c.Name == router {
			only := Project{Routers: []Candidate{c}}
			return only.Mount()
		}
	}
	return Evidence{}, false
}

// madeBy returns the name of the router that the evidence is for.
func (p *Project) madeBy(e Evidence) string {
	for _, cand := range p.Routers {
		if slices.Contains(cand.Evidence, e) {
			return cand.Name
		}
	}
	return ""
}

// AssignedTo returns the variable to which the result of the constructor in the evidence
// is assigned, alone or with an error, or "" if there is none.
func (p *Project) AssignedTo(made Evidence) string {
	lines := p.linesOf(made.Pos.File)
	if made.Pos.Line > len(lines) {
		return ""
	}
	_, function, _ := strings.Cut(made.Text, ".")
	assignment := regexp.MustCompile(`([\pL_][\pL\pN_.]*)(?:\s*,\s*[\pL_][\pL\pN_]*)?\s*:?=\s*[\pL_][\pL\pN_]*\.` + regexp.QuoteMeta(function) + `\(`)
	if m := assignment.FindStringSubmatch(lines[made.Pos.Line-1]); m != nil {
		return m[1]
	}
	return ""
}

// linesOf returns the lines of a file of the project, none if it cannot be read.
func (p *Project) linesOf(file string) []string {
	data, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(file)))
	if err != nil {
		return nil
	}
	return strings.Split(string(data), "\n")
}

// lastUse returns the last line in the file, below a position, that adds middleware for all
// routes of a router.
func (p *Project) lastUse(made Position, router string) (Position, bool) {
	found := made
	for i, line := range p.linesOf(made.File) {
		if i+1 > made.Line && strings.HasPrefix(strings.TrimSpace(line), router+".Use(") {
			found.Line = i + 1
		}
	}
	return found, found != made
}

// inFuncMain reports whether a line is in the function main.
func (p *Project) inFuncMain(pos Position) bool {
	in := false
	for i, line := range p.linesOf(pos.File) {
		if i+1 >= pos.Line {
			break
		}
		if strings.HasPrefix(line, "func ") {
			in = strings.HasPrefix(line, "func main(")
		}
	}
	return in
}
