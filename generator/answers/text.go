package answers

import (
	"slices"
	"strings"
)

// parseRoles reads role names, highest first: "admin, editor, member".
func parseRoles(text string) ([]Role, error) {
	c := checker{}
	if strings.TrimSpace(text) == "" {
		c.add("roles", "give at least one role, highest first, such as admin,member")
	}
	names := c.split("roles", text)
	roles := make([]Role, len(names))
	for i, name := range names {
		roles[i].Name = name
	}
	c.roleNames(roles)
	if err := c.err(); err != nil {
		return nil, err
	}
	return roles, nil
}

// formatRoles is the inverse of parseRoles.
func formatRoles(roles []Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	return strings.Join(names, ",")
}

// ParsePermissions reads what each role may do,
// "editor=posts:write+posts:read", and returns roles with just these
// permissions: a role that is not named has none.
func ParsePermissions(text string, roles []Role) ([]Role, error) {
	const key, example = "permissions", "editor=posts:write+posts:read"
	c := checker{}
	granted := slices.Clone(roles)
	for i := range granted {
		granted[i].Permissions = nil
	}
	seen := make(map[string]bool)
	for _, piece := range c.split(key, text) {
		name, list, ok := strings.Cut(piece, "=")
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(roles, func(r Role) bool { return r.Name == name })
		switch {
		case !ok:
			c.add(key, "%q: want a role, = and its permissions, such as %s", piece, example)
			continue
		case i < 0:
			c.add(key, "%q: there is no role %q%s; the roles are %s", piece, name, DidYouMean(name, roleNames(roles)), formatRoles(roles))
			continue
		case seen[name]:
			c.add(key, "%q: role %q has its permissions already; join them with +", piece, name)
			continue
		}
		seen[name] = true
		if strings.TrimSpace(list) == "" {
			c.add(key, "%q: no permission after =; leave the role out to give it none", piece)
			continue
		}
		for permission := range strings.SplitSeq(list, "+") {
			granted[i].Permissions = append(granted[i].Permissions, strings.TrimSpace(permission))
		}
		c.permissions(key, granted[i])
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return granted, nil
}

// formatPermissions is the inverse of ParsePermissions.
func formatPermissions(roles []Role) string {
	var pieces []string
	for _, r := range roles {
		if len(r.Permissions) > 0 {
			pieces = append(pieces, r.Name+"="+strings.Join(r.Permissions, "+"))
		}
	}
	return strings.Join(pieces, ",")
}

// parseProfile reads user fields, each with its name, its type and who may
// see it: "display_name:string:anyone,phone:string:self+admin". Nothing is no
// fields.
func parseProfile(text string) ([]Field, error) {
	const key, example = "profile", "phone:string:self+admin"
	c := checker{}
	var fields []Field
	for _, piece := range c.split(key, text) {
		parts := strings.Split(piece, ":")
		if len(parts) != 3 {
			c.add(key, "%q: want name:type:who may see it, such as %s", piece, example)
			continue
		}
		f := Field{Name: strings.TrimSpace(parts[0]), Type: strings.TrimSpace(parts[1])}
		if strings.TrimSpace(parts[2]) != "" {
			for who := range strings.SplitSeq(parts[2], "+") {
				f.Visible = append(f.Visible, strings.TrimSpace(who))
			}
		}
		fields = append(fields, f)
	}
	c.fields(fields)
	if err := c.err(); err != nil {
		return nil, err
	}
	return fields, nil
}

// formatProfile is the inverse of parseProfile.
func formatProfile(fields []Field) string {
	pieces := make([]string, len(fields))
	for i, f := range fields {
		pieces[i] = f.Name + ":" + f.Type + ":" + strings.Join(f.Visible, "+")
	}
	return strings.Join(pieces, ",")
}

// parseFeatures reads features to switch on and, with a minus, off:
// "signup,-remember". The others stay as they are in base.
func parseFeatures(text string, base Features) (Features, error) {
	const key = "features"
	c := checker{}
	seen := make(map[string]bool)
	for _, piece := range c.split(key, text) {
		name, off := strings.CutPrefix(piece, "-")
		on := base.Field(name)
		switch {
		case on == nil:
			c.add(key, "unknown feature %q%s; there are %s", name, DidYouMean(name, FeatureNames), strings.Join(FeatureNames, ", "))
		case seen[name]:
			c.add(key, "feature %q is given twice", name)
		default:
			*on = !off
		}
		seen[name] = true
	}
	if err := c.err(); err != nil {
		return Features{}, err
	}
	return base, nil
}

// formatFeatures is the inverse of parseFeatures. It names every feature, so
// that the result does not depend on a default.
func formatFeatures(f Features) string {
	pieces := make([]string, len(FeatureNames))
	for i, name := range FeatureNames {
		pieces[i] = name
		if !*f.Field(name) {
			pieces[i] = "-" + name
		}
	}
	return strings.Join(pieces, ",")
}

// parseList reads the paths of the gate, "/login,/signup", for the key
// "public" or "protected". Nothing is no paths.
func parseList(key, text string) ([]string, error) {
	c := checker{}
	paths := c.split(key, text)
	c.paths(key, paths)
	if err := c.err(); err != nil {
		return nil, err
	}
	return paths, nil
}

// formatList is the inverse of parseList.
func formatList(paths []string) string { return strings.Join(paths, ",") }

// split returns the trimmed pieces of a list with commas, none for a blank
// text. An empty piece is a problem.
func (c *checker) split(key, text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var pieces []string
	for piece := range strings.SplitSeq(text, ",") {
		if piece = strings.TrimSpace(piece); piece != "" {
			pieces = append(pieces, piece)
			continue
		}
		if len(pieces) == 0 {
			c.add(key, "nothing before the first comma in %q", text)
		} else {
			c.add(key, "nothing after the comma that follows %q; remove the comma", pieces[len(pieces)-1])
		}
	}
	return pieces
}

func roleNames(roles []Role) []string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	return names
}
