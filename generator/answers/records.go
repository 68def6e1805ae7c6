package answers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// records is the kind of a list of structs that have a name: [Role] and [Field].
type records[T any] struct {
	in      func(*Answers) *[]T
	items   string // what the items of the list are
	item    string // what one of them is, to say of something else
	parts   []part[T]
	atLeast int // items
	atMost  int
	// missing is the problem of an item that lacks a part.
	missing func(part string) string

	// read parses the text of a flag; before are the current items.
	read  func(text string, before []T) ([]T, error)
	write func([]T) string
	// alone adds what is wrong with them, seen alone; the answer's path is the key.
	alone func(c *checker, items []T)
	adds  func(c *answersEdit, k Key, text string) error // +=
	takes func(c *answersEdit, k Key, text string) error // -=
}

// A part is one of the members of a record.
type part[T any] struct {
	name     string
	in       func(*T) any // *string, *bool or *[]string
	optional bool         // the zero value may be left out
	form     object       // what the schema says of it
}

func (r records[T]) get(a Answers) string { return r.write(*r.in(&a)) }

func (r records[T]) set(a *Answers, _ Key, text string) error {
	list, err := r.read(text, *r.in(a))
	if err == nil {
		*r.in(a) = list
	}
	return err
}

func (r records[T]) check(c *checker, _ Key, a Answers)            { r.alone(c, *r.in(&a)) }
func (r records[T]) add(c *answersEdit, k Key, text string) error  { return r.adds(c, k, text) }
func (r records[T]) take(c *answersEdit, k Key, text string) error { return r.takes(c, k, text) }

func (r records[T]) decode(d *decoder, k Key, node ast.Node, a *Answers) {
	names := make([]string, len(r.parts))
	for i, p := range r.parts {
		names[i] = p.name
	}
	var items []T
	d.list(k.Name, r.items, node, func(path string, node ast.Node) {
		var item T
		seen := make(map[string]bool)
		ok := d.mapping(node, path, r.item, names, func(name string, value ast.Node) {
			seen[name] = true
			p := r.parts[slices.Index(names, name)]
			switch at := path + "." + name; in := p.in(&item).(type) {
			case *string:
				*in = d.text(at, value)
			case *bool:
				*in = d.truth(at, value)
			case *[]string:
				*in = d.texts(at, value)
			}
		})
		for _, p := range r.parts {
			if ok && !p.optional && !seen[p.name] {
				d.fail(d.positions[path], path+"."+p.name, "%s", r.missing(p.name))
			}
		}
		items = append(items, item)
	})
	*r.in(a) = items
}

func (r records[T]) value(a Answers) yamlValue {
	v := yamlValue{list: true}
	for _, item := range *r.in(&a) {
		var members []yamlPair
		for _, p := range r.parts {
			pair := yamlPair{name: p.name}
			switch in := p.in(&item).(type) {
			case *string:
				pair.value, pair.byDefault = textValue(*in), p.optional && *in == ""
			case *bool:
				pair.value, pair.byDefault = truthValue(*in), p.optional && !*in
			case *[]string:
				pair.value, pair.byDefault = listValue(*in), p.optional && len(*in) == 0
			}
			members = append(members, pair)
		}
		v.items = append(v.items, yamlValue{members: members})
	}
	return v
}

func (r records[T]) schema(_ Key, defaults Answers) object {
	var required []string
	var properties object
	for _, p := range r.parts {
		if !p.optional {
			required = append(required, p.name)
		}
		properties = append(properties, member{p.name, p.form})
	}
	s := object{{"type", "array"}}
	if r.atLeast > 0 {
		s = append(s, member{"minItems", r.atLeast})
	}
	return append(s, object{
		{"maxItems", r.atMost},
		{"items", object{{"type", "object"}, {"required", required}, {"additionalProperties", false}, {"properties", properties}}},
		{"default", r.objects(*r.in(&defaults))},
	}...)
}

// objects returns the items in the form of the schema.
func (r records[T]) objects(items []T) []object {
	objects := make([]object, len(items))
	for i := range items {
		for _, p := range r.parts {
			var value any
			switch in := p.in(&items[i]).(type) {
			case *[]string:
				value = append([]string{}, *in...) // [] and not null
			default:
				value = in
			}
			objects[i] = append(objects[i], member{p.name, value})
		}
	}
	return objects
}

// roleRecords is the kind of the answer that is the roles.
var roleRecords = records[Role]{
	in:      func(a *Answers) *[]Role { return &a.Roles },
	items:   "roles",
	item:    "a role is a name with permissions, such as - name: admin",
	missing: func(part string) string { return fmt.Sprintf("the %s of this role is missing", part) },
	atLeast: 1,
	atMost:  maxRoles,
	parts: []part[Role]{
		{
			name: "name",
			in:   func(r *Role) any { return &r.Name },
			form: append(patternForm(rolePattern), member{"not", object{{"enum", []string{"none", Anyone, Self}}}}),
		},
		{
			name:     "permissions",
			in:       func(r *Role) any { return &r.Permissions },
			optional: true,
			form:     append(listForm(patternForm(permissionPattern)), member{"default", []string{}}),
		},
		{
			name:     "sensitive",
			in:       func(r *Role) any { return &r.Sensitive },
			optional: true,
			form:     object{{"type", "boolean"}, {"default", false}},
		},
	},
	read: func(text string, before []Role) ([]Role, error) {
		list, err := parseRoles(text)
		for i, r := range list {
			if old := slices.IndexFunc(before, func(o Role) bool { return o.Name == r.Name }); old >= 0 {
				list[i] = before[old]
			}
		}
		return list, err
	},
	write: formatRoles,
	alone: (*checker).roles,
	adds:  addRoles,
	takes: takeRoles,
}

// profileRecords is the kind of the answer that is the fields of the profile.
var profileRecords = records[Field]{
	in:      func(a *Answers) *[]Field { return &a.Profile },
	items:   "fields",
	item:    "a field has a name, a type and who may see it",
	missing: func(part string) string { return fmt.Sprintf("%q is missing from this field", part) },
	atMost:  maxFields,
	parts: []part[Field]{
		{
			name: "name",
			in:   func(f *Field) any { return &f.Name },
			form: append(patternForm(fieldPattern), member{"maxLength", maxField}),
		},
		{
			name: "type",
			in:   func(f *Field) any { return &f.Type },
			form: object{{"enum", fieldTypes}},
		},
		{
			name: "visible",
			in:   func(f *Field) any { return &f.Visible },
			form: append(listForm(patternForm(rolePattern)), member{"minItems", 1}),
		},
	},
	read:  func(text string, _ []Field) ([]Field, error) { return parseProfile(text) },
	write: formatProfile,
	alone: (*checker).fields,
	adds:  addFields,
	takes: takeFields,
}

// grants is the kind of the permissions of the roles. In the file, each role has its
// own.
type grants struct{}

func (grants) get(a Answers) string { return formatPermissions(a.Roles) }

func (grants) set(a *Answers, _ Key, text string) error {
	roles, err := ParsePermissions(text, a.Roles)
	if err == nil {
		a.Roles = roles
	}
	return err
}

func (grants) check(*checker, Key, Answers) {} // along with the roles

func (grants) add(c *answersEdit, _ Key, text string) error {
	granted, err := ParsePermissions(text, c.to.Roles)
	if err != nil {
		return err
	}
	for i := range c.to.Roles {
		c.to.Roles[i].Permissions = union(c.to.Roles[i].Permissions, granted[i].Permissions)
	}
	return nil
}

func (grants) take(c *answersEdit, k Key, text string) error {
	taken, err := ParsePermissions(text, c.to.Roles)
	if err != nil {
		return err
	}
	var out checker
	for i := range taken {
		r := &c.to.Roles[i]
		for _, p := range taken[i].Permissions {
			if !slices.Contains(r.Permissions, p) {
				out.add(k.Name, "role %q has no permission %q%s; it has %s", r.Name, p, DidYouMean(p, r.Permissions), orNothing(r.Permissions))
			}
		}
		r.Permissions = except(r.Permissions, taken[i].Permissions)
	}
	return out.err()
}

// addRoles adds roles right above the one that new users get.
func addRoles(c *answersEdit, _ Key, text string) error {
	added, err := parseRoles(text)
	if err != nil {
		return err
	}
	added = slices.DeleteFunc(added, func(r Role) bool { return slices.Contains(roleNames(c.to.Roles), r.Name) })
	at := slices.Index(roleNames(c.to.Roles), c.to.DefaultRole)
	if at < 0 {
		at = max(0, len(c.to.Roles)-1)
	}
	c.to.Roles = slices.Insert(c.to.Roles, at, added...)
	return nil
}

// takeRoles removes roles, "editor", or gives their users another one, "editor:member",
// which also works for a role that was removed earlier.
func takeRoles(c *answersEdit, k Key, text string) error {
	var out checker
	known := roleNames(c.to.Roles)
	var gone []string
	var moves []RoleMove
	for _, piece := range out.split(k.Name, text) {
		name, to, moved := strings.Cut(piece, ":")
		name, to = strings.TrimSpace(name), strings.TrimSpace(to)
		there := slices.Contains(known, name)
		meant := DidYouMean(name, known)
		switch {
		case !there && (!moved || meant != "" || !rolePattern.MatchString(name)):
			out.add(k.Name, "there is no %q%s to remove; the list has %s", name, meant, orNothing(known))
			continue
		case moved && to == "":
			out.add(k.Name, "%q: want a role, : and the role that its users get, such as %s:%s", piece, name, c.to.DefaultRole)
			continue
		case slices.ContainsFunc(slices.Concat(c.moves, moves), func(m RoleMove) bool { return m.From == name }):
			out.add(k.Name, "users with role %q can get one other role, not two", name)
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

// addFields adds fields to the profile. For an existing field, it sets who may see it.
func addFields(c *answersEdit, k Key, text string) error {
	added, err := parseProfile(text)
	if err != nil {
		return err
	}
	c.to.Profile = slices.Clone(c.to.Profile)
	for _, f := range added {
		i := slices.Index(fieldNames(c.to.Profile), f.Name)
		switch {
		case i < 0:
			c.to.Profile = append(c.to.Profile, f)
		case c.to.Profile[i].Type != f.Type:
			return Problems{{Path: k.Name, Message: fmt.Sprintf("field %q already exists with type %s, which cannot become %s; add one with another name", f.Name, c.to.Profile[i].Type, f.Type)}}
		default:
			c.to.Profile[i] = f
		}
	}
	return nil
}

// takeFields removes fields from the profile by name.
func takeFields(c *answersEdit, k Key, text string) error {
	gone, err := namesIn(k.Name, text, fieldNames(c.to.Profile))
	var left []Field
	for _, f := range c.to.Profile {
		if !slices.Contains(gone, f.Name) {
			left = append(left, f)
		}
	}
	c.to.Profile = left
	return err
}

func fieldNames(fields []Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// grantedPermissions returns the permissions of all roles.
func grantedPermissions(roles []Role) []string {
	var all []string
	for _, r := range roles {
		all = append(all, r.Permissions...)
	}
	return all
}
