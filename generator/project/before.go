package project

import (
	"go/ast"
	"slices"
)

// mountBefore fills in where to make a ServeMux that passes all other requests on to the
// handler that the application serves: before it is served. It reports whether there is
// such a place.
func (p *Project) mountBefore(m *MountPoint, want wanted) bool {
	s := p.source
	served := slices.DeleteFunc(slices.Clone(s.served), func(sv server) bool {
		// A known router is another server's, such as that for metrics.
		return !sv.sure || sv.handler == nil || slices.ContainsFunc(s.routersIn(sv), func(made *site) bool { return made.router != nil })
	})
	if len(served) > 1 {
		// Not what redirects to https, say.
		served = slices.DeleteFunc(served, func(sv server) bool { return !s.isUnclear(sv) && len(s.routersIn(sv)) == 0 })
	}
	if len(served) != 1 {
		return false
	}
	sv := served[0]
	in, handler := sv.in, s.handlerText(sv)
	if in.typ == nil || in.body == nil || s.answersRequests(in) || handler == "" {
		return false
	}
	levels := levelsOf(in.body, sv.pos)
	if len(levels) == 0 {
		return false
	}
	inner := &levels[len(levels)-1]
	statement := inner.list[inner.at]
	inner.at--
	at := spot{end: statement.Pos() - 1, levels: levels}
	m.Pos, m.After = s.position(at.end), "what is above "+sv.text
	switch {
	case inner.at >= 0:
		m.Pos = s.position(inner.list[inner.at].End() - 1)
	case len(levels) == 1:
		m.Pos, m.After = s.position(in.body.Lbrace), "the beginning of "+functionName(in)
	default:
		m.Pos.Line--
	}
	m.describe(s, in, at)
	for _, name := range []string{m.Variable, "authMux"} {
		taken := slices.Contains(m.Names, name)
		for _, imported := range m.Imports {
			taken = taken || imported == name
		}
		m.Variable = name
		if !taken {
			break
		}
	}
	m.Handler, m.New, m.Timeouts = handler, true, sv.timeouts
	m.Served = in.file.at(s, sv.handler.Pos(), ByServer, handler)
	for _, h := range s.handlesAt(in, want) {
		local := in.body.Pos() < h.decl && h.decl < in.body.End()
		if h.ready <= at.end && (!local || at.sees(h.decl)) {
			m.use(s, h, in)
			break
		}
	}
	return true
}

// isUnclear reports whether a server has a handler that comes from no router, and is not
// made by another module, such as one that redirects to https.
func (s *source) isUnclear(sv server) bool {
	if !sv.sure || len(s.routersIn(sv)) > 0 {
		return false
	}
	c, ok := sv.handler.(*ast.CallExpr)
	if !ok {
		return true
	}
	p, _ := s.external(c.Fun, sv.in)
	return p == ""
}
