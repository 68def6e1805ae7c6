package project

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A segment is a part of a path between two slashes.
type segment struct {
	kind segmentKind
	text string // of a literal, or the name of a parameter
}

type segmentKind int

const (
	literalSegment segmentKind = iota
	paramSegment
	restSegment // everything below; the last one
)

// segmentsOf splits the path of a route. It may have parameters in the form of any router.
func segmentsOf(path string, subtree bool, router *answers.Router) []segment {
	if router.Loose {
		path = strings.ToLower(strings.TrimSuffix(path, "/"))
	}
	path = strings.TrimPrefix(path, "/")
	var all []segment
	if path != "" {
		for text := range strings.SplitSeq(path, "/") {
			all = append(all, segmentOf(text))
		}
	}
	last := len(all) - 1
	switch {
	case last >= 0 && all[last] == segment{literalSegment, "{$}"}:
		all[last].text = ""
	case last >= 0 && all[last].kind == restSegment:
	case subtree && last >= 0 && all[last] == segment{}:
		all[last].kind = restSegment
	case subtree:
		all = append(all, segment{restSegment, ""})
	}
	return all
}

func segmentOf(text string) segment {
	switch {
	case text == "{$}":
		return segment{literalSegment, text}
	case strings.HasPrefix(text, "*"), text == "+", strings.HasSuffix(text, "...}"):
		return segment{restSegment, strings.Trim(text, "*+{.}")}
	case strings.HasPrefix(text, ":"):
		return segment{paramSegment, text[1:]}
	case strings.Contains(text, "{"), strings.Contains(text, "*"), strings.Contains(text, ":"):
		name, _, _ := strings.Cut(strings.Trim(text, "{}"), ":")
		return segment{paramSegment, name}
	}
	return segment{literalSegment, text}
}

// matchesAll reports whether a path matches every request that another one matches.
func matchesAll(a, b []segment) bool {
	for i, s := range a {
		switch {
		case s.kind == restSegment:
			return true
		case i >= len(b), b[i].kind == restSegment,
			s.kind == literalSegment && s != b[i]:
			return false
		}
	}
	return len(a) == len(b)
}

// matchSame reports whether some request matches both paths.
func matchSame(a, b []segment) bool {
	for i := range max(len(a), len(b)) {
		switch {
		case i < len(a) && a[i].kind == restSegment, i < len(b) && b[i].kind == restSegment:
			return true
		case i >= len(a), i >= len(b):
			return false
		case a[i].kind == literalSegment && b[i].kind == literalSegment && a[i].text != b[i].text:
			return false
		}
	}
	return true
}

// namesDiffer reports whether two paths have parameters with different names in the same
// place.
func namesDiffer(a, b []segment) bool {
	for i := range min(len(a), len(b)) {
		if a[i].kind == paramSegment && b[i].kind == paramSegment && a[i].text != b[i].text {
			return true
		}
		if a[i] != b[i] {
			return false
		}
	}
	return false
}

// wildcardMeets reports whether one path has a parameter for the rest where the other one
// continues.
func wildcardMeets(a, b []segment) bool {
	for i := range min(len(a), len(b)) {
		if a[i].kind == restSegment || b[i].kind == restSegment {
			return true
		}
		if a[i] != b[i] {
			return false
		}
	}
	return false
}

// A Row is a route of the package, with parameters in braces.
type Row struct{ Method, Path string }

func (r Row) String() string { return strings.TrimSpace(r.Method + " " + r.Path) }

// A RouteClash is a route of the application that cannot be beside one of the package.
type RouteClash struct {
	Route Route
	Row   Row
	Why   string // what would happen, as a sentence without its end
}

// RouteClashes returns which routes of the application cannot be beside those of the
// package, on the router where they are added. If it is not known which router that is, a
// clash counts only if it is on each that comes into question.
func (p *Project) RouteClashes(router, prefix string, rows []Row) []RouteClash {
	if p.source == nil {
		return nil
	}
	known := answers.RouterNamed(router)
	var least []RouteClash
	for i, r := range p.roots {
		on := r.sites[0].router
		if on == nil || on.Name != router && !known.Standard() {
			continue
		}
		all := rows
		if on.Name != router { // it passes requests on
			all = append(slices.Clone(rows), Row{Path: prefix + "/*"})
		}
		clashes := clashesOn(on, prefix, all, p.routing().routesOn(r))
		if clashes == nil {
			return nil
		}
		if i == 0 || len(clashes) < len(least) || least == nil {
			least = clashes
		}
	}
	return least
}

// clashesOn returns the clashes on a router.
func clashesOn(on *answers.Router, prefix string, rows []Row, routes []Route) []RouteClash {
	var found []RouteClash
	base := segmentsOf(prefix, false, on)
	for _, route := range routes {
		if route.guessed {
			continue
		}
		for _, row := range rows {
			if why := clash(on, base, row, route); why != "" {
				found = append(found, RouteClash{route, row, why})
				break
			}
		}
	}
	return found
}

// clash returns what happens if a router gets a row of the package beside a route of the
// application, "" if both can be there. A route for one host goes before those for all.
//
// What is more general than a row clashes only if it is for everything at or below the
// prefix: what is for everything above it goes on to answer the rest. Where the order
// counts, that is so because the package's routes are added before others.
func clash(on *answers.Router, prefix []segment, row Row, route Route) string {
	if route.Host != "" || !sharesMethod(row.Method, route.Methods) {
		return ""
	}
	theirs, ours := route.segments, segmentsOf(row.Path, false, on)
	more, less := matchesAll(theirs, ours), matchesAll(ours, theirs)
	its := "the package's " + row.String()
	switch {
	case more && less:
		return "matches the same requests as " + its
	case on.Clashing == answers.Names && wildcardMeets(theirs, ours):
		return fmt.Sprintf("is for everything below a path, and %s panics at start if that has another route, such as %s", on.Name, its)
	case on.Clashing == answers.Names && namesDiffer(theirs, ours):
		return fmt.Sprintf("has another name for a parameter than %s in the same place, and %s panics at start", its, on.Name)
	case !matchSame(theirs, ours):
		return ""
	case on.Clashing == answers.Specific && !more && (!less || route.Methods == nil):
		return fmt.Sprintf("matches some of the requests for %s, but neither is more specific, and %s panics at start", its, on.Name)
	case more && isWithin(theirs, prefix):
		return "answers everything below its path, also requests for " + its
	case on.Clashing == answers.Order && more && isBelowPrefix(theirs, prefix):
		return fmt.Sprintf("answers the requests for %s if it is added first", its)
	case on.Clashing == answers.Order && less:
		return fmt.Sprintf("gets no request if %s is added first", its)
	}
	return ""
}

// isWithin reports whether a path is for everything at or below the prefix.
func isWithin(path, prefix []segment) bool {
	return len(path) > 0 && path[len(path)-1].kind == restSegment && isBelowPrefix(path, prefix)
}

// isBelowPrefix reports whether a path begins with the prefix, literally.
func isBelowPrefix(path, prefix []segment) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// sharesMethod reports whether routes for methods, or for all, answer a method. A route
// for GET answers HEAD.
func sharesMethod(method string, methods []string) bool {
	return method == "" || methods == nil || slices.Contains(methods, method) || method == "GET" && slices.Contains(methods, "HEAD")
}

// Unanswered reports whether no route of the application may answer GET requests for a
// path, although some of its routes are known, and it seems to have no handler for requests
// without a route.
func (p *Project) Unanswered(path string) bool {
	if p.source == nil || len(p.roots) != 1 || p.roots[0].sites[0].router == nil {
		return false
	}
	on := p.roots[0].sites[0].router
	if on.Fallback != "" && p.source.sets(on.Fallback) {
		return false
	}
	routes := p.routing().routesOn(p.roots[0])
	wanted := segmentsOf(path, false, on)
	return len(routes) > 0 && !slices.ContainsFunc(routes, func(r Route) bool {
		return sharesMethod("GET", r.Methods) && matchesAll(r.segments, wanted)
	})
}

// sets reports whether the application calls a method, or sets a field, of this name.
func (s *source) sets(name string) bool {
	return slices.ContainsFunc(s.mentioning(name), func(f *file) bool {
		return slices.ContainsFunc(f.calls, func(c call) bool {
			sel, ok := c.expr.Fun.(*ast.SelectorExpr)
			return ok && sel.Sel.Name == name && s.imported(sel, c.in) == ""
		}) || slices.ContainsFunc(f.sets, func(set assignment) bool { return nameOf(set.to) == name })
	})
}
