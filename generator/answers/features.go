package answers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A Feature is a part of the package that may be left out. Its name is also a tag of
// the templates' directives.
type Feature struct {
	Value

	Default bool // whether a new package has it
	Creates bool // whether visitors create users with it
	Adopted bool // whether it has it if a table of the application has the passwords

	// Permissions are those that its routes need. Each of them must be granted to
	// some role.
	Permissions []string
	// Sensitive is the permission that makes a role sensitive, or empty.
	Sensitive string

	// Keys are questions about the feature, each a choice of one of its Values, the first
	// of which is the default. They are asked only if the feature is on; otherwise their
	// answers have no effect. An entry leaves out asked and answer.
	Keys []Key

	Tables   []Table // without Needed, since the package has them with the feature
	Routes   string  // for README.md: who may call which, and what each answers
	Security string  // its rows in the table of SECURITY.md
}

// Features are in the order in which they are offered and written.
var Features = []Feature{
	{
		Value:    Value{"signup", "visitors create accounts; the answer reveals whether an address already has one"},
		Default:  true,
		Creates:  true,
		Routes:   "anybody: `POST /signup` with `{email, password, …profile}`, 201 and the user",
		Security: "| Sign-up | reveals that an address already has an account. Addresses are not verified. 50 from a client address, then delays, forgotten after 1h0m0s |\n",
	},
	{
		Value:   Value{"remember", "a login outlasts the browser if the user asks for it; so does the cookie, for whoever uses that machine next"},
		Default: true,
		Routes:  "`POST /login` takes `remember`",
	},
	{
		Value:   Value{"delete_account", "users delete their own account and all its data; it cannot be undone"},
		Default: true,
		Routes:  "fresh sessions: `DELETE /me`, 204",
	},
	{
		Value:       Value{"manage_users", "roles with users:read and users:write list users, disable them and change their roles over HTTP; so can a stolen session of theirs"},
		Default:     true,
		Routes:      "`users:read`: `GET /users?cursor=&limit=` and `GET /users/{id}`, 200, as this viewer may see them; `users:write`, fresh: `PUT /users/{id}/role` with `{role}`, `PUT /users/{id}/disabled` with `{disabled}` and `DELETE /users/{id}/sessions`, 204",
		Permissions: []string{UsersRead, UsersWrite},
		Sensitive:   UsersWrite,
	},
	{
		Value:    Value{"imported_passwords", "people who come from another system log in with the password they had there; until then, the database holds a hash that may be weaker"},
		Adopted:  true,
		Routes:   "`POST /login` accepts the passwords of imported users",
		Security: "| Imported passwords | hashes of other systems (bcrypt, scrypt, PBKDF2, argon2) are accepted and replaced at the first login. Before that, the time of a login shows that the account was imported. Those that cost too much are never computed: bcrypt above 14, PBKDF2 above 2,000,000 iterations, scrypt above 64 MiB. With bcrypt, nothing longer than 72 bytes matches, and `$2x$` is refused |\n",
	},
}

// A FeatureSet is a set of features. The zero set is empty.
type FeatureSet uint64

// bit returns the set of that feature alone, which is empty if there is none.
func bit(feature string) FeatureSet {
	for i, f := range Features {
		if f.Name == feature {
			return 1 << i
		}
	}
	return 0
}

// mustBit is like bit but panics if there is no such feature.
func mustBit(feature string) FeatureSet {
	b := bit(feature)
	if b == 0 {
		panic("internal error: no feature " + feature)
	}
	return b
}

// Has reports whether the feature is in the set.
func (s FeatureSet) Has(feature string) bool { return s&mustBit(feature) != 0 }

// With returns the set with the feature, or without it.
func (s FeatureSet) With(feature string, on bool) FeatureSet {
	if on {
		return s | mustBit(feature)
	}
	return s &^ mustBit(feature)
}

// String names every feature, with a minus before those that are not in the set. That
// is how a flag takes it, and does not depend on a default.
func (s FeatureSet) String() string {
	names := FeatureNames()
	for i, name := range names {
		if !s.Has(name) {
			names[i] = "-" + name
		}
	}
	return strings.Join(names, ",")
}

// Has reports whether the package has the feature.
func (a Answers) Has(feature string) bool { return a.Features.Has(feature) }

// Switch switches a feature on or off.
func (a *Answers) Switch(feature string, on bool) { a.Features = a.Features.With(feature, on) }

// defaultFeatures are those of a new package.
func defaultFeatures() (s FeatureSet) {
	for _, f := range Features {
		s = s.With(f.Name, f.Default)
	}
	return s
}

// FeatureNames returns the names of the features.
func FeatureNames() []string {
	names := make([]string, len(Features))
	for i, f := range Features {
		names[i] = f.Name
	}
	return names
}

// features returns the features that the package has.
func (a Answers) features() []Feature {
	return slices.DeleteFunc(slices.Clone(Features), func(f Feature) bool { return !a.Has(f.Name) })
}

// Creating returns the name of the feature of the package with which visitors create users, ""
// if it has none.
func (a Answers) Creating() string {
	for _, f := range a.features() {
		if f.Creates {
			return f.Name
		}
	}
	return ""
}

// SecurityRows returns what the features of the package add to the table of SECURITY.md.
func (a Answers) SecurityRows() string {
	var rows strings.Builder
	for _, f := range a.features() {
		rows.WriteString(f.Security)
	}
	return rows.String()
}

// mayManage reports whether a role has the permission that makes it sensitive.
func (f Feature) mayManage(r Role) bool {
	return f.Sensitive != "" && slices.Contains(r.Permissions, f.Sensitive)
}

// grant gives the highest role the permissions that the feature needs, unless a role
// can use it already, and makes the roles that can sensitive.
func (f Feature) grant(a *Answers) {
	highest := &a.Roles[0]
	if !slices.ContainsFunc(a.Roles, f.mayManage) && len(highest.Permissions) == 0 && highest.Name != a.DefaultRole {
		highest.Permissions = slices.Clone(f.Permissions)
	}
	for i := range a.Roles {
		if f.mayManage(a.Roles[i]) {
			a.Roles[i].Sensitive = true
		}
	}
}

// checkFeatures checks that the routes of each feature can be guarded: their guards
// name permissions, so some role must have them.
func checkFeatures(c *checker, a Answers) {
	if len(a.Roles) == 0 {
		return // a problem already
	}
	for _, f := range a.features() {
		missing := except(f.Permissions, grantedPermissions(a.Roles))
		if missing != nil {
			c.add("features."+f.Name, "%s is on, but no role has %s; give it to a role that new users do not get, or switch %[1]s off", f.Name, strings.Join(missing, " and "))
		}
	}
}

// featureSwitches is the kind of the answer that is a set of features.
type featureSwitches struct{}

func (featureSwitches) get(a Answers) string { return a.Features.String() }

func (featureSwitches) set(a *Answers, _ Key, text string) error {
	features, err := parseFeatures(text, a.Features)
	if err == nil {
		a.Features = features
	}
	return err
}

func (featureSwitches) check(*checker, Key, Answers) {} // any set is one

func (featureSwitches) add(c *answersEdit, k Key, text string) error {
	return switchFeatures(c, k, text, "")
}

func (featureSwitches) take(c *answersEdit, k Key, text string) error {
	return switchFeatures(c, k, text, "-")
}

func (featureSwitches) decode(d *decoder, k Key, node ast.Node, a *Answers) {
	what := fmt.Sprintf("features are names with true or false, such as %s: true", Features[0].Name)
	d.mapping(node, k.Name, what, FeatureNames(), func(name string, value ast.Node) {
		a.Switch(name, d.truth(k.Name+"."+name, value))
	})
}

func (featureSwitches) value(a Answers) yamlValue {
	var v yamlValue
	for _, f := range Features {
		on := a.Has(f.Name)
		v.members = append(v.members, yamlPair{f.Name, truthValue(on), on == f.Default})
	}
	return v
}

func (featureSwitches) schema(Key, Answers) object {
	var properties object
	for _, f := range Features {
		properties = append(properties, member{f.Name, object{
			{"description", f.Help},
			{"type", "boolean"},
			{"default", f.Default},
		}})
	}
	return object{{"type", "object"}, {"additionalProperties", false}, {"properties", properties}}
}

// parseFeatures reads features to switch on and, with a minus, off:
// "signup,-remember". The others stay as they are in base.
func parseFeatures(text string, base FeatureSet) (FeatureSet, error) {
	const key = "features"
	c := checker{}
	seen := make(map[string]bool)
	for _, piece := range c.split(key, text) {
		name, off := strings.CutPrefix(piece, "-")
		switch {
		case bit(name) == 0:
			c.add(key, "unknown feature %q%s; there are %s", name, DidYouMean(name, FeatureNames()), strings.Join(FeatureNames(), ", "))
		case seen[name]:
			c.add(key, "feature %q is given twice", name)
		default:
			base = base.With(name, !off)
		}
		seen[name] = true
	}
	if err := c.err(); err != nil {
		return 0, err
	}
	return base, nil
}

// switchFeatures switches features on, or off if sign is a minus.
func switchFeatures(c *answersEdit, k Key, text, sign string) error {
	var pieces []string
	for piece := range strings.SplitSeq(text, ",") {
		piece = strings.TrimSpace(piece)
		if strings.HasPrefix(piece, "-") {
			return Problems{{Path: k.Name, Message: fmt.Sprintf("%q already has a sign; write features=%s", piece, text)}}
		}
		if piece != "" { // which is an error
			piece = sign + piece
		}
		pieces = append(pieces, piece)
	}
	return k.answer.set(&c.to, k, strings.Join(pieces, ","))
}
