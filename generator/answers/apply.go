package answers

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Apply changes the answers as `authgen set` does, by assignments in order:
//
//   - key=value gives an answer as the flag of that name does. Features that are
//     not named stay as they are: features=signup,-remember.
//   - key+=value adds to a list, and key-=value removes from it. The lists are roles,
//     permissions, profile, public, protected and features. Roles and fields are
//     removed by name, permissions with their role: editor=posts:write. With
//     roles-=editor:member, users with the first role get the second. A new role
//     comes right above the one that new users get. Adding an existing item changes
//     nothing, except for a field: it sets who may see it.
//
// Some answers follow, unless they are assigned as well: the driver is the usual
// one for another database if the old one is for none such; the store is the
// database once sessions are stateless; a package that is named after its
// directory is named after another one; a role that may change users from now
// on, since it gets users:write or manage_users is switched on, is sensitive, and so is
// a role above a sensitive one. All other answers stay, and it is an error if they
// conflict with an assignment.
//
// Apply returns which roles give way to others, for [emit.Target]. An error is Problems,
// and the answers are unchanged then.
func (a *Answers) Apply(assignments ...string) ([]RoleMove, error) {
	c := answersEdit{to: *a, given: make(map[string]bool)}
	c.to.Roles = slices.Clone(a.Roles)
	var problems Problems
	for _, text := range assignments {
		if err := c.assign(text); err != nil {
			found, ok := errors.AsType[Problems](err)
			if !ok {
				return nil, err
			}
			problems = append(problems, found...)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	c.updateDerived(*a)
	if err := c.to.Check(); err != nil {
		return nil, c.explain(err, *a)
	}
	if err := c.checkMoves(); err != nil {
		return nil, err
	}
	*a = c.to
	return c.moves, nil
}

// answersEdit holds the answers while Apply changes them.
type answersEdit struct {
	to    Answers
	given map[string]bool // keys that have been assigned with =
	moves []RoleMove
}

var assignment = regexp.MustCompile(`^\s*([A-Za-z0-9_-]+?)\s*(\+=|-=|=)(?s:(.*))$`)

// assign makes one assignment.
func (c *answersEdit) assign(text string) error {
	parts := assignment.FindStringSubmatch(text)
	if parts == nil {
		return Problems{{Message: fmt.Sprintf("%q: want key=value, or key+=value and key-=value for lists, such as session=stateless", text)}}
	}
	key, operator, value := parts[1], parts[2], strings.TrimSpace(parts[3])
	problem := func(format string, args ...any) error {
		return Problems{{Path: key, Message: fmt.Sprintf(format, args...)}}
	}
	k, ok := keyNamed(key)
	if !ok {
		return unknownKey(key)
	}
	list, isList := k.answer.(listKind)
	switch {
	case operator != "=" && !isList:
		return problem("%s is for lists; write %s=%s", operator, key, value)
	case operator != "=" && value == "":
		return problem("nothing after %s", operator)
	case operator == "+=":
		return list.add(c, k, value)
	case operator == "-=":
		return list.take(c, k, value)
	case c.given[key] && !k.Many:
		return problem("it is given twice")
	}
	c.given[key] = true
	return k.answer.set(&c.to, k, value)
}

// checkMoves checks that each move is from a role that does not exist to one that does.
func (c *answersEdit) checkMoves() error {
	var out checker
	known := roleNames(c.to.Roles)
	for _, m := range c.moves {
		switch {
		case slices.Contains(known, m.From):
			out.add("roles", "users with role %q cannot get another one while that role exists; do not add it again", m.From)
		case !slices.Contains(known, m.To):
			out.add("roles", "users with role %q cannot get role %q, which does not exist%s; the roles are %s", m.From, m.To, DidYouMean(m.To, known), formatRoles(c.to.Roles))
		}
	}
	return out.err()
}

// updateDerived changes the answers that follow from what was assigned.
func (c *answersEdit) updateDerived(old Answers) {
	if !slices.Contains(DriversFor(c.to.Database), c.to.Driver) && !c.given["driver"] {
		c.to.Driver = defaultDriver(c.to.Database)
	}
	if c.to.Session == "stateless" && !c.given["store"] {
		c.to.Store = Stores[0].Name
	}
	if old.PackageName == packageNameOf(old.Package) && !c.given["package_name"] {
		c.to.PackageName = packageNameOf(c.to.Package)
	}
	for _, f := range c.to.features() {
		for i := range c.to.Roles {
			r := &c.to.Roles[i]
			could := old.Has(f.Name) && slices.ContainsFunc(old.Roles, func(o Role) bool { return o.Name == r.Name && f.mayManage(o) })
			if f.mayManage(*r) && !could {
				r.Sensitive = true
			}
		}
	}
	inheritSensitive(c.to.Roles)
}

// explain returns the error of Check with what to assign as well where a role
// was taken out that others name.
func (c *answersEdit) explain(err error, old Answers) error {
	problems, ok := errors.AsType[Problems](err)
	if !ok {
		return err
	}
	gone := except(roleNames(old.Roles), roleNames(c.to.Roles))
	for i := range problems {
		p := &problems[i]
		var field, who int
		if p.Path == "default_role" && slices.Contains(gone, c.to.DefaultRole) && !c.given[p.Path] {
			lowest := c.to.Roles[len(c.to.Roles)-1].Name
			p.Message = fmt.Sprintf("new users get role %q, which is removed; set this too, such as default_role=%s", c.to.DefaultRole, lowest)
		}
		if n, _ := fmt.Sscanf(p.Path, "profile[%d].visible[%d]", &field, &who); n == 2 && !c.given["profile"] {
			f := c.to.Profile[field]
			if name := f.Visible[who]; slices.Contains(gone, name) {
				f.Visible = except(f.Visible, gone)
				if len(f.Visible) == 0 {
					f.Visible = []string{Self}
				}
				p.Message = fmt.Sprintf("role %q, which is removed, may see field %q; set this too, such as profile+=%s", name, f.Name, formatProfile([]Field{f}))
			}
		}
	}
	return problems
}

// union returns a list with the items of more that it lacks.
func union(list, more []string) []string {
	return append(slices.Clip(list), except(more, list)...)
}

// except returns a list without some of its items, nil if none is left.
func except(list, some []string) []string {
	var left []string
	for _, s := range list {
		if !slices.Contains(some, s) {
			left = append(left, s)
		}
	}
	return left
}

// orNothing names what there is.
func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// A RoleMove gives the users of a removed role another role.
type RoleMove struct {
	From, To string
	// Former is whether From had been removed from the answers earlier.
	Former bool
}
