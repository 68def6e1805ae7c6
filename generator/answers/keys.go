package answers

import "slices"

// A Key is one question, one key of authgen.yaml and one flag.
type Key struct {
	Name     string // key and flag
	Question string // as asked at the terminal
	Help     string // one line, for comments, flags and the schema
	More     string // what a person wants to know who has read the question and its Values
	Values   []Value
	Many     bool   // any number of Values may be chosen
	FlagOnly bool   // not a key of the file, which has it inside another
	Unasked  bool   // never asked
	Empty    bool   // a list that may be empty
	Example  string // of an answer as text; empty if none is needed

	// OmitDefault leaves the default out of the file, since most packages never have
	// another answer. All other keys are always written out, so that a later
	// default changes no package.
	OmitDefault bool

	// Kept is the answer, in the form of a flag, that changes nothing in a package that
	// is older than the key. [Complete] writes it into a file of an older version. It is
	// empty if that is the default, and for features: new ones are off.
	Kept string

	// Tags are what directives of the templates say of the answer.
	Tags []Tag

	answer answerKind
	// asked reports whether the answers for earlier keys leave a choice; nil is always.
	asked func(Answers) bool
	// planned are values that do not exist yet. The error for one says so, instead of
	// calling it unknown.
	planned []string
	// derived returns the answer that follows from those for earlier keys. It is nil
	// if the default is always the same.
	derived func(Answers) string
	// fits reports whether a value goes with the answers for earlier keys; nil is always.
	fits func(a Answers, value string) bool
	// check adds what is wrong with the answer beside others, and with names their keys.
	check func(*checker, Answers)
	with  []string
}

// A Tag is a name that directives of the templates use for something that is true of
// the answers.
type Tag struct {
	Name string
	On   func(Answers) bool
}

// A Value is one of the possible answers to a question.
type Value struct {
	Name string
	Help string // one line: what it gives and what it costs
}

// Keys are in the order in which questions are asked and written.
var Keys = withQuestionsOf(Features, []Key{
	{
		Name:     "package",
		Question: "Which directory for the package?",
		Help:     "directory of the package, from the module root",
		More:     "Two packages go below it: one that is yours to edit, and one for tests. You can move the directory later: authgen follows. Other modules cannot import what is below internal.",
		answer: singleText{
			in:      func(a *Answers) *string { return &a.Package },
			problem: plain(packageProblem),
			form:    object{{"type", "string"}, {"minLength", 1}, {"maxLength", maxPackage}},
		},
	},
	{
		Name:     "package_name",
		Question: "What should the package be called?",
		Help:     "name in the package clause; by default the directory's",
		More:     "Your code calls it by this name, as in auth.Verify(ctx). The names of the two packages below it begin with it.",
		answer: singleText{
			in:      func(a *Answers) *string { return &a.PackageName },
			problem: plain(packageNameProblem),
			missing: packageNameMissing,
			form:    patternForm(packageNamePattern),
		},
		derived: func(a Answers) string { return packageNameOf(a.Package) },
		with:    []string{"package"},
	},
	{
		Name:     "name",
		Question: "Which prefix should the cookie and the tables have?",
		Help:     "prefix of the cookie and the tables, if one module has two such packages; empty for none",
		More:     "Two packages in one module must not share them. The name admin, for example, makes tables such as admin_auth_users.",
		answer: singleText{
			in:      func(a *Answers) *string { return &a.Name },
			problem: plain(nameProblem),
			form:    object{{"anyOf", []object{{{"const", ""}}, patternForm(namePattern)}}},
		},
	},
	{
		Name:     "session",
		Question: "How should sessions be kept?",
		Help:     "how sessions are kept",
		More:     "Both styles end a session at once on logout or a new password, and both read the database once for each secure check. You can change it later with authgen set, and people stay logged in.",
		Values: []Value{
			{"database", "each is a record on the server: list them, end one or all at once; each secure check reads its record with the user"},
			{"stateless", "no records; logout and revocation still work, but sessions cannot be listed or ended one by one"},
		},
		answer: choice(func(a *Answers) *string { return &a.Session }),
		Tags: []Tag{
			{"session_database", func(a Answers) bool { return a.Session == "database" }},
			{"session_stateless", func(a Answers) bool { return a.Session == "stateless" }},
			{"ended_sessions", func(a Answers) bool { return tableNamed("ended_sessions").Needed(a) }},
		},
	},
	{
		Name:     "router",
		Question: "Which router does the program use?",
		Help:     "router that the routes are written for",
		More:     "Guards and middleware are written in its idiom. If yours is not listed, take the first: most routers can pass requests to any handler of the standard library.",
		Values:   valuesOf(Routers),
		answer:   choice(func(a *Answers) *string { return &a.Router }),
	},
	{
		Name:     "database",
		Question: "Which database does the program use?",
		Help:     "database that the queries and migrations are written for",
		More:     "The package takes the *sql.DB that your program opens. If you change it later, the new one starts empty: no data is copied.",
		Values:   valuesOf(Databases),
		answer:   choice(func(a *Answers) *string { return &a.Database }),
	},
	{
		Name:     "driver",
		Question: "Which database driver?",
		Help:     "module path of the database driver; it must fit the database",
		More:     "Your program imports it and opens the database. The package itself only needs it in tests, or to tell errors apart.",
		Values:   valuesOf(allDrivers()),
		answer:   choice(func(a *Answers) *string { return &a.Driver }),
		derived: func(a Answers) string {
			if slices.Contains(DriversFor(a.Database), a.Driver) {
				return a.Driver
			}
			return defaultDriver(a.Database)
		},
		fits:  func(a Answers, driver string) bool { return slices.Contains(DriversFor(a.Database), driver) },
		check: (*checker).driver,
		with:  []string{"database"},
	},
	{
		Name:     "store",
		Question: "Where should the records of sessions be?",
		Help:     "where the sessions of session=database are stored",
		More:     "This is only about who is logged in: accounts always stay in the database. If the other server is down, nobody is logged out, but requests that need a user fail.",
		Values:   valuesOf(Stores),
		answer:   choice(func(a *Answers) *string { return &a.Store }),
		asked:    func(a Answers) bool { return a.Session == "database" },
		check:    (*checker).store,
		with:     []string{"session"},
		Tags: []Tag{
			{"session_rows", func(a Answers) bool { return a.Session == "database" && !StoreNamed(a.Store).Apart() }},
		},
	},
	{
		Name:     "bridge",
		Question: "Which former sessions should be converted?",
		Help:     "sessions of a former style that are converted when they are next used, after a change of session",
		Unasked:  true, OmitDefault: true,
		Values: []Value{
			{"none", "everybody has to log in again after a change of session"},
			{"stateless", "they become rows, once each; for a change to session database, with store database"},
			{"database", "they continue in the cookie; for a change to session stateless"},
		},
		answer: choice(func(a *Answers) *string { return &a.Bridge }),
		check:  (*checker).bridge,
		with:   []string{"session", "store"},
		Tags: []Tag{
			{"bridge", func(a Answers) bool { return a.Bridge != "none" }},
			{"bridge_from_stateless", func(a Answers) bool { return a.Bridge == "stateless" }},
			{"bridge_from_database", func(a Answers) bool { return a.Bridge == "database" }},
		},
	},
	{
		Name:     "interface",
		Question: "Which format should the routes use?",
		Help:     "format that the routes use",
		Values: []Value{
			{"json", "JSON for a front end of your own; no pages are written"},
		},
		answer:  choice(func(a *Answers) *string { return &a.Interface }),
		planned: []string{"html", "both"},
	},
	{
		Name:     "prefix",
		Question: "Below which path should the routes be?",
		Help:     "path below which the routes are",
		More:     "With /auth, people log in with POST /auth/login. Nothing else in your program may use paths below it.",
		answer: singleText{
			in:      func(a *Answers) *string { return &a.Prefix },
			problem: plain(prefixProblem),
			form:    append(patternForm(pathPattern), member{"minLength", 2}),
		},
	},
	{
		Name:     "roles",
		Question: "Which roles, highest first?",
		Help:     "roles, highest first; sessions of a sensitive role are shorter: 1 hour idle, 24 hours at most",
		More:     "Separate them by commas. Whoever has a role can do all that the roles after it can. One is enough if all users are equal.",
		answer:   roleRecords,
		Tags: []Tag{
			{"ranks", func(a Answers) bool { return len(a.Roles) > 1 }},
		},
	},
	{
		Name:     "permissions",
		Question: "What may each role do?",
		Help:     "permissions of the roles, such as editor=posts:write+posts:read",
		More:     "Name what your own routes need, such as posts:write, separated by commas; RequirePermission asks for it. Whoever has users:read and users:write manages users.",
		FlagOnly: true,
		Empty:    true,
		answer:   grants{},
		Tags: []Tag{
			{"permissions", func(a Answers) bool { return len(a.Permissions()) > 0 }},
		},
	},
	{
		Name:     "default_role",
		Question: "Which role does a new user get?",
		Help:     "role of a new user; by default the lowest",
		More:     "Everybody who signs up gets it. Users who may manage others, or your own code, give out higher ones.",
		answer: singleText{
			in:      func(a *Answers) *string { return &a.DefaultRole },
			problem: plain(func(s string) string { return wordProblem("a role name", s, rolePattern, maxRole) }),
			form:    patternForm(rolePattern),
		},
		derived: func(a Answers) string {
			if len(a.Roles) == 0 {
				return ""
			}
			return a.Roles[len(a.Roles)-1].Name
		},
		check: (*checker).defaultRole,
		asked: func(a Answers) bool { return len(a.Roles) > 2 }, // otherwise it is the lowest
		with:  []string{"roles"},
	},
	{
		Name:        "users",
		Question:    "Which table has the users?",
		Help:        "table of the users, with its columns, if the application has one; own for a table of the package's own",
		More:        "With a table that you have, people log in with the accounts and passwords that they have, and everything else stays as it is: what the package needs in addition goes into a table beside it.",
		OmitDefault: true,
		answer:      usersMapping{},
		Example:     usersExample,
		with:        []string{"database", "roles", "profile"},
		Tags: []Tag{
			{"adopted", func(a Answers) bool { return a.Users.Adopted() }},
			{"nocase", func(a Answers) bool { return a.Users.Adopted() && !a.LowersEmail() }},
			{"soft_delete", func(a Answers) bool { return a.Users.Has("deleted") }},
			{"role_values", func(a Answers) bool { return a.Users.RoleValues() != nil }},
			{"id_uuid", func(a Answers) bool { return a.Users.IDKind() == UUIDs }},
			{"id_int", func(a Answers) bool { return a.Users.IDKind() == Integers }},
			{"id_text", func(a Answers) bool { return a.Users.IDKind() == Texts }},
		},
	},
	{
		Name:     "profile",
		Question: "Which profile fields?",
		Help:     "additional user fields, each string, bool or int, visible to anyone, or to self and roles; users fill in those they see; [] for none",
		More:     "Each one is a column, a member of the user in JSON and a field in Go. What users must neither see nor set belongs in a table of your own.",
		Empty:    true,
		answer:   profileRecords,
		Example:  "phone:string:self+admin",
		check:    (*checker).viewers,
		with:     []string{"roles"},
		Tags: []Tag{
			{"profile", func(a Answers) bool { return len(a.Profile) > 0 }},
			{"public_profile", func(a Answers) bool { return slices.ContainsFunc(a.Profile, Field.IsPublic) }},
			{"own_profile", func(a Answers) bool { return slices.ContainsFunc(a.Profile, Field.IsOwn) }},
			{"own_text", Answers.HasOwnText},
		},
	},
	{
		Name:     "public",
		Question: "Which pages are only for logged-out visitors?",
		Help:     "pages for visitors who are logged out, such as /login; the gate redirects users who are logged in; [] for none",
		More:     "Give paths of your own, separated by commas, such as /login,/signup. Whoever is logged in is sent on from there. It is a convenience: only guards protect data.",
		Empty:    true,
		answer:   paths{func(a *Answers) *[]string { return &a.Public }},
		check:    func(c *checker, a Answers) { c.outside("public", a.Public, a.Prefix) },
		with:     []string{"prefix"},
		Tags: []Tag{
			{"gate", func(a Answers) bool { return len(a.Public)+len(a.Protected) > 0 }},
		},
	},
	{
		Name:     "protected",
		Question: "Which pages need a session?",
		Help:     "pages that need a session, such as /dashboard; [] for none",
		More:     "Give paths of your own, separated by commas, such as /account. Visitors are sent to log in, and come back afterwards. It is a convenience: only guards protect data.",
		Empty:    true,
		answer:   paths{func(a *Answers) *[]string { return &a.Protected }},
		check: func(c *checker, a Answers) {
			c.outside("protected", a.Protected, a.Prefix)
			c.disjoint(a)
		},
		with: []string{"prefix", "public"},
	},
	{
		Name:     "features",
		Question: "Which features should it have?",
		Help:     "parts that can be left out",
		More:     "Each can be switched later with authgen set. Switching one off removes its code; its tables keep what they have.",
		Many:     true,
		Values:   valuesOf(Features),
		answer:   featureSwitches{},
		check:    checkFeatures,
		with:     []string{"roles"},
	},
	{
		Name:     "migrations",
		Question: "Which tool applies migrations?",
		Help:     "format of the migrations",
		More:     "Later changes to the tables come as further migrations. Those that were written once never change, and nothing in a database is dropped.",
		Values:   valuesOf(MigrationTools),
		answer:   choice(func(a *Answers) *string { return &a.Migrations }),
		fits:     func(a Answers, tool string) bool { return MigrationToolNamed(tool).For(a.Database) },
		check:    (*checker).migrations,
		with:     []string{"database"},
	},
	{
		Name:     "migrations_dir",
		Question: "Which directory has the project's migrations?",
		Help:     "directory of the migrations, from the module root; empty for one in the package, which can then apply them itself",
		More:     "The new one gets the next number there, and is applied along with yours. The others are not touched.",
		answer: singleText{
			in:      func(a *Answers) *string { return &a.MigrationsDir },
			problem: plain(migrationsDirProblem),
			form:    object{{"type", "string"}, {"maxLength", maxPackage}},
		},
		check: (*checker).migrationsDir,
		with:  []string{"package"},
		Tags: []Tag{
			{"migrate", Answers.Migrates},
		},
	},
	{
		Name:     "migrations_version",
		Question: "Which number should the migration have?",
		Help:     "number of the migration; by default 1, or 20260101000000 for dbmate and atlas",
		More:     "The order follows from it: it must be higher than that of every migration that a database has already.",
		answer: digits{singleText{
			in:      func(a *Answers) *string { return &a.MigrationsVersion },
			problem: plain(versionProblem),
			form:    object{{"anyOf", []object{{{"type", "integer"}, {"minimum", 1}, {"maximum", 99999999999999}}, patternForm(versionPattern)}}},
		}},
		derived: func(a Answers) string { return FirstVersion(a.Migrations) },
		with:    []string{"migrations"},
	},
	{
		Name:     "tests",
		Question: "Which tests should be in the package?",
		Help:     "tests in the package: of code that depends on your project, or also unit tests of generated files",
		Unasked:  true,
		Values: []Value{
			{"contract", "tests of code that depends on your project"},
			{"all", "also unit tests of generated files, which authgen runs anyway before it writes"},
		},
		answer: choice(func(a *Answers) *string { return &a.Tests }),
	},
})

// withQuestionsOf returns the keys with those of the features, which come after the key
// "features".
func withQuestionsOf(features []Feature, keys []Key) []Key {
	var more []Key
	for _, f := range features {
		for _, k := range f.Keys {
			k.answer = featureChoice{k.Name, k.Values[0].Name}
			k.asked = func(a Answers) bool { return a.Has(f.Name) }
			more = append(more, k)
		}
	}
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == "features" })
	return slices.Insert(keys, i+1, more...)
}

// KeyNamed returns the key of that name. A name that is not there is a bug.
func KeyNamed(name string) Key {
	k, ok := keyNamed(name)
	if !ok {
		panic("internal error: no key " + name)
	}
	return k
}

// keyNamed returns the key of that name, and false if there is none.
func keyNamed(name string) (Key, bool) {
	i := slices.IndexFunc(Keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return Key{}, false
	}
	return Keys[i], true
}

// IsAsked reports whether the question is asked after those for earlier keys.
func (k Key) IsAsked(a Answers) bool { return !k.Unasked && (k.asked == nil || k.asked(a)) }

// ValuesFor returns the values that go with the answers for earlier keys.
func (k Key) ValuesFor(a Answers) []Value {
	return slices.DeleteFunc(slices.Clone(k.Values), func(v Value) bool { return k.fits != nil && !k.fits(a, v.Name) })
}

// flagNames returns the names of the flags.
func flagNames() []string {
	names := make([]string, len(Keys))
	for i, k := range Keys {
		names[i] = k.Name
	}
	return names
}

// keyNames returns the names of the keys of the file, after its version.
func keyNames() []string {
	names := []string{"version"}
	for _, k := range Keys {
		if !k.FlagOnly {
			names = append(names, k.Name)
		}
	}
	return names
}
