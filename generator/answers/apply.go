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
//   - key+=value adds to a list, and key-=value takes out of one: to roles,
//     permissions, profile, public, protected and features. Roles and fields are
//     taken out by their names, permissions with their role: editor=posts:write.
//     With roles-=editor:member, users with the one role get the other. A new role comes right above the one that new users get. To add what
//     exists changes nothing, except for a field: it sets who may see it.
//
// Some answers follow, unless they are assigned as well: the driver is the usual
// one for another database if the old one is for none such; the store is the
// database once sessions are stateless; a package that is named after its
// directory is named after another one; a role that comes to change users, since
// it is given users:write or manage_users is switched on, is sensitive, and so is
// a role above a sensitive one. All others stay, and it is an error if they do not
// go with what was assigned.
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

// answersEdit is what Apply makes of answers.
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
	switch {
	case !slices.Contains(flagNames(), key):
		return Problems{{Message: fmt.Sprintf("unknown key %q%s", key, DidYouMean(key, flagNames()))}}
	case operator != "=" && c.to.text(key) != nil:
		return problem("%s is for lists; write %s=%s", operator, key, value)
	case operator != "=" && value == "":
		return problem("nothing after %s", operator)
	case operator == "+=":
		return c.addTo(key, value)
	case operator == "-=":
		return c.takeFrom(key, value)
	case c.given[key] && key != "features":
		return problem("it is given twice")
	}
	c.given[key] = true
	return c.to.Set(key, value)
}

// addTo does what += asks for.
func (c *answersEdit) addTo(key, text string) error {
	switch key {
	case "roles":
		roles, err := parseRoles(text)
		if err != nil {
			return err
		}
		roles = slices.DeleteFunc(roles, func(r Role) bool { return slices.Contains(roleNames(c.to.Roles), r.Name) })
		at := slices.Index(roleNames(c.to.Roles), c.to.DefaultRole)
		if at < 0 {
			at = max(0, len(c.to.Roles)-1)
		}
		c.to.Roles = slices.Insert(c.to.Roles, at, roles...)
	case "permissions":
		granted, err := ParsePermissions(text, c.to.Roles)
		if err != nil {
			return err
		}
		for i := range c.to.Roles {
			c.to.Roles[i].Permissions = union(c.to.Roles[i].Permissions, granted[i].Permissions)
		}
	case "profile":
		fields, err := parseProfile(text)
		if err != nil {
			return err
		}
		c.to.Profile = slices.Clone(c.to.Profile)
		for _, f := range fields {
			i := slices.IndexFunc(c.to.Profile, func(g Field) bool { return g.Name == f.Name })
			switch {
			case i < 0:
				c.to.Profile = append(c.to.Profile, f)
			case c.to.Profile[i].Type != f.Type:
				return Problems{{Path: key, Message: fmt.Sprintf("field %q already exists with type %s, which cannot become %s; add one with another name", f.Name, c.to.Profile[i].Type, f.Type)}}
			default:
				c.to.Profile[i] = f
			}
		}
	case "features":
		return c.switchFeatures(text, "")
	default:
		paths, err := parseList(key, text)
		if err != nil {
			return err
		}
		list := c.paths(key)
		*list = union(*list, paths)
	}
	return nil
}

// takeFrom does what -= asks for.
func (c *answersEdit) takeFrom(key, text string) error {
	var out checker
	// names takes each piece of the text for one that is there.
	names := func(known []string) []string {
		pieces := out.split(key, text)
		for _, name := range pieces {
			if !slices.Contains(known, name) {
				out.add(key, "there is no %q%s to remove; the list has %s", name, DidYouMean(name, known), orNothing(known))
			}
		}
		return pieces
	}
	switch key {
	case "roles":
		return c.takeRoles(text)
	case "permissions":
		taken, err := ParsePermissions(text, c.to.Roles)
		if err != nil {
			return err
		}
		for i := range taken {
			r := &c.to.Roles[i]
			for _, p := range taken[i].Permissions {
				if !slices.Contains(r.Permissions, p) {
					out.add(key, "role %q has no permission %q%s; it has %s", r.Name, p, DidYouMean(p, r.Permissions), orNothing(r.Permissions))
				}
			}
			r.Permissions = except(r.Permissions, taken[i].Permissions)
		}
	case "profile":
		var known []string
		for _, f := range c.to.Profile {
			known = append(known, f.Name)
		}
		gone := names(known)
		var left []Field
		for _, f := range c.to.Profile {
			if !slices.Contains(gone, f.Name) {
				left = append(left, f)
			}
		}
		c.to.Profile = left
	case "features":
		return c.switchFeatures(text, "-")
	default:
		list := c.paths(key)
		*list = except(*list, names(*list))
	}
	return out.err()
}

// takeRoles takes roles out, "editor", or has their users get another one,
// "editor:member". That also goes for a role that was taken out before.
func (c *answersEdit) takeRoles(text string) error {
	const key = "roles"
	var out checker
	known := roleNames(c.to.Roles)
	var gone []string
	var moves []RoleMove
	for _, piece := range out.split(key, text) {
		name, to, moved := strings.Cut(piece, ":")
		name, to = strings.TrimSpace(name), strings.TrimSpace(to)
		there := slices.Contains(known, name)
		meant := DidYouMean(name, known)
		switch {
		case !there && (!moved || meant != "" || !rolePattern.MatchString(name)):
			out.add(key, "there is no %q%s to remove; the list has %s", name, meant, orNothing(known))
			continue
		case moved && to == "":
			out.add(key, "%q: want a role, : and the role that its users get, such as %s:%s", piece, name, c.to.DefaultRole)
			continue
		case slices.ContainsFunc(slices.Concat(c.moves, moves), func(m RoleMove) bool { return m.From == name }):
			out.add(key, "users with role %q can get one other role, not two", name)
			continue
		}
		gone = append(gone, name)
		if moved {
			moves = append(moves, RoleMove{From: name, To: to, Former: !there})
		}
	}
	if err := out.err(); err != nil {
		return err
	}
	c.to.Roles = slices.DeleteFunc(c.to.Roles, func(r Role) bool { return slices.Contains(gone, r.Name) })
	c.moves = append(c.moves, moves...)
	return nil
}

// checkMoves checks that roles that are there take the place of ones that are not.
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

// switchFeatures switches features on, or off if sign is a minus.
func (c *answersEdit) switchFeatures(text, sign string) error {
	var pieces []string
	for piece := range strings.SplitSeq(text, ",") {
		piece = strings.TrimSpace(piece)
		if strings.HasPrefix(piece, "-") {
			return Problems{{Path: "features", Message: fmt.Sprintf("%q already has a sign; write features=%s", piece, text)}}
		}
		if piece != "" { // which is an error
			piece = sign + piece
		}
		pieces = append(pieces, piece)
	}
	return c.to.Set("features", strings.Join(pieces, ","))
}

// paths returns the answer of a key that is a list of paths.
func (c *answersEdit) paths(key string) *[]string {
	switch key {
	case "public":
		return &c.to.Public
	case "protected":
		return &c.to.Protected
	}
	panic("internal error: " + key + " is no list of paths")
}

// updateDerived changes the answers that follow from what was assigned.
func (c *answersEdit) updateDerived(old Answers) {
	if !slices.Contains(drivers[c.to.Database], c.to.Driver) && !c.given["driver"] {
		c.to.Driver = defaultDriver(c.to.Database)
	}
	if c.to.Session == "stateless" && !c.given["store"] {
		c.to.Store = "database"
	}
	if old.PackageName == packageNameOf(old.Package) && !c.given["package_name"] {
		c.to.PackageName = packageNameOf(c.to.Package)
	}
	mayChangeUsers := func(a Answers, name string) bool {
		return a.Features.ManageUsers && slices.ContainsFunc(a.Roles, func(r Role) bool {
			return r.Name == name && slices.Contains(r.Permissions, UsersWrite)
		})
	}
	for i := range c.to.Roles {
		r := &c.to.Roles[i]
		if mayChangeUsers(c.to, r.Name) && !mayChangeUsers(old, r.Name) {
			r.Sensitive = true
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

// union returns a list with those of more that it does not have.
func union(list, more []string) []string {
	return append(slices.Clip(list), except(more, list)...)
}

// except returns a list without some of it, and nil for nothing left.
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

// A RoleMove is that users with a role that there is no more get another one.
type RoleMove struct {
	From, To string
	// Former is whether From was taken out of the answers before.
	Former bool
}
