package project

import (
	"cmp"
	"go/ast"
	"slices"

	"github.com/authgen/authgen/generator/answers"
)

// standing is how much the application uses a candidate.
type standing int

const (
	mentioned standing = iota // in go.mod, tests or examples only
	hinted                    // by a data source name
	used                      // imported, registered on, or for a part only
	made                      // constructed
	served                    // constructed and served
)

func (c Candidate) standing() standing {
	best := mentioned
	for _, e := range c.Evidence {
		s := used
		switch {
		case !e.app():
			continue
		case e.Kind == ByServer:
			s = served
		case e.Kind == ByConstructor:
			s = made
		case e.Kind == BySource:
			s = hinted
		}
		best = max(best, s)
	}
	return best
}

// Router returns the name of the project's router. It is ok if there is no doubt: the
// project serves routers of one kind only; or it is not known to serve any, and makes only
// one kind outside of tests and examples; or it makes none, and uses only
// http.DefaultServeMux, which is "net/http". If it is not ok, the developer has to choose.
func (p *Project) Router() (name string, ok bool) {
	if len(p.Routers) == 0 {
		return "", false
	}
	best := p.Routers[0]
	s := best.standing()
	switch {
	case s <= hinted,
		s == used && !slices.ContainsFunc(best.Evidence, func(e Evidence) bool { return e.app() && e.Kind == ByRegistration }),
		len(p.Routers) > 1 && p.Routers[1].standing() == s,
		slices.ContainsFunc(p.OtherRouters, func(c Candidate) bool { return c.standing() > mentioned && (s < served || c.standing() == served) }):
		return "", false
	}
	return best.Name, true
}

// Database returns the only database that the application uses. It is not ok if there are
// several, or none. A data source name counts only if there is no other evidence.
func (p *Project) Database() (name string, ok bool) {
	if all := p.UsedDatabases(); len(all) == 1 {
		return all[0].Name, true
	}
	return "", false
}

// UsedDatabases returns the databases that the application uses. Those of which only a
// data source name is there count if it has no others.
func (p *Project) UsedDatabases() []Candidate {
	all := Used(p.Databases)
	if len(all) > 0 && all[0].standing() > hinted {
		all = slices.DeleteFunc(all, func(c Candidate) bool { return c.standing() == hinted })
	}
	return all
}

// Contradicts returns the database that the application uses, if it is another one than
// this, and it uses no other. Data source names alone do not count.
func (p *Project) Contradicts(database string) (Candidate, bool) {
	all := slices.DeleteFunc(p.UsedDatabases(), func(c Candidate) bool { return c.standing() == hinted })
	if len(all) == 0 || slices.ContainsFunc(all, func(c Candidate) bool { return c.Name == database }) {
		return Candidate{}, false
	}
	return all[0], true
}

// DriversFor returns the drivers of a database that the application uses, in the order of
// Drivers, each with the answer: the driver itself, the one that a package wraps, or, for
// connections that emitted code cannot use, the recommended one, with which others are
// opened beside them.
func (p *Project) DriversFor(database string) []Candidate {
	var drivers, apart []Candidate
	for _, c := range Used(p.Drivers) {
		switch {
		case c.Database != database:
		case c.Apart:
			c.Driver = answers.DriversFor(database)[0]
			apart = append(apart, c)
		case c.Driver != "":
			drivers = append(drivers, c)
		}
	}
	if len(drivers) == 0 {
		return apart
	}
	return drivers
}

// Driver returns the only answer of DriversFor. It is not ok if there are several, or none.
func (p *Project) Driver(database string) (name string, ok bool) {
	for _, c := range p.DriversFor(database) {
		switch name {
		case "", c.Driver:
			name = c.Driver
		default:
			return "", false
		}
	}
	return name, name != ""
}

// Used returns the candidates that the application uses, and not only go.mod, tests or
// examples.
func Used(candidates []Candidate) []Candidate {
	return slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool { return c.standing() == mentioned })
}

// databaseCandidates returns the databases for which there is evidence, best first.
func (s *scan) databaseCandidates() []Candidate {
	var all []Candidate
	for _, d := range answers.Databases {
		c := Candidate{Name: d.Name, Database: d.Name, Evidence: s.databases[d.Name]}
		for _, l := range knownDrivers {
			if l.database == d.Name {
				c.Evidence = append(c.Evidence, s.evidence[l]...)
			}
		}
		if len(c.Evidence) > 0 {
			sortEvidence(c.Evidence, nil)
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b Candidate) int { return cmp.Compare(b.standing(), a.standing()) })
	return all
}

// findRoots finds the routers that the application serves, and marks the evidence of all
// that it makes.
func (p *Project) findRoots(s *scan) {
	roots, servers := p.source.roots()
	p.roots = roots
	known := false
	atRoot := make(map[Position]bool)
	for _, r := range roots {
		known = known || len(r.servers) > 0
		for _, made := range r.sites {
			if made.expr != nil {
				atRoot[p.source.sitePosition(made)] = true
			}
		}
	}
	for _, l := range knownRouters {
		for i, e := range s.evidence[l] {
			switch {
			case e.Kind != ByConstructor || !e.app():
			case atRoot[e.Pos] && known:
				s.evidence[l][i].Kind = ByServer
			case !atRoot[e.Pos] && !known:
				s.evidence[l][i].Kind = ByPart
			}
		}
	}
	kind := ByConstructor
	if known {
		kind = ByServer
	}
	for _, r := range roots {
		for _, made := range r.sites {
			libs, name := knownRouters, ""
			if made.router != nil {
				name = made.router.Name
			} else {
				libs, name = otherRouters, made.other.Name
			}
			e := p.source.evidenceOf(made)
			e.Kind = kind
			for _, l := range libs {
				if l.name == name && !slices.ContainsFunc(s.evidence[l], func(old Evidence) bool { return old.Pos == e.Pos && old.Kind == kind }) {
					s.evidence[l] = append(s.evidence[l], e)
					break
				}
			}
		}
	}
	p.source.served = servers
	for _, sv := range servers {
		p.Serves = append(p.Serves, sv.in.file.at(p.source, sv.pos, ByServer, sv.text))
	}
}

// sitePosition returns the line of the name of the function that makes a router.
func (s *source) sitePosition(made *site) Position {
	if c, ok := made.expr.(*ast.CallExpr); ok {
		return s.position(namePos(c.Fun))
	}
	return s.position(namePos(made.expr))
}
