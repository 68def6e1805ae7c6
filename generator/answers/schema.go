package answers

import (
	"bytes"
	"encoding/json"
	"slices"
)

// A Key is one question, one key of authgen.yaml and one flag.
type Key struct {
	Name     string // key and flag
	Question string // as asked at the terminal
	Help     string // one line, for comments, flags and the schema
	Values   []Value
	Many     bool // any number of Values may be chosen
	FlagOnly bool // not a key of the file, which has it inside another
	Unasked  bool // never asked

	// OmitDefault has the file say nothing of the default, since most packages never
	// have another answer. All other keys are always written out, so that a later
	// default changes no package.
	OmitDefault bool

	// Kept is the answer, in the form of a flag, that has a package be what it was
	// before there was the key, and so the one that [Complete] writes into a file of an
	// older version. It is empty if that is the default, and for features: there, what
	// is new is off.
	Kept string
}

// A Value is one of the possible answers to a question.
type Value struct {
	Name string
	Help string // one line: what it gives and what it costs
}

// Keys are in the order in which questions are asked and written.
var Keys = []Key{
	{
		Name:     "package",
		Question: "Which directory should the package go into?",
		Help:     "directory of the package, from the module root",
	},
	{
		Name:     "package_name",
		Question: "What should the package be called?",
		Help:     "name in the package clause; by default the directory's",
	},
	{
		Name:     "name",
		Question: "Which prefix should the cookie and the tables have?",
		Help:     "prefix of the cookie and the tables, if one module has two such packages; empty for none",
	},
	{
		Name:     "session",
		Question: "How should sessions be kept?",
		Help:     "how sessions are kept",
		Values: []Value{
			{"database", "sessions are rows: list them, end one or all at once; each secure check reads one joined row"},
			{"stateless", "no session table; logout and revocation still work, but sessions cannot be listed or ended one by one"},
		},
	},
	{
		Name:     "router",
		Question: "Which router does the program use?",
		Help:     "router that the routes are written for",
		Values: []Value{
			{"net/http", "the standard library's ServeMux, no dependency; has no groups, so each route names its guard"},
			{"chi", "go-chi/chi v5: small, handlers of net/http, groups of routes; middleware must come before routes"},
			{"gorilla", "gorilla/mux: handlers of net/http, long established; no release since 2023"},
			{"gin", "gin-gonic/gin: fast, many ready-made parts; its own handlers, and about 18 more modules in the binary"},
			{"echo", "labstack/echo v5: handlers that return errors, groups of routes; its own handlers"},
			{"echo/v4", "labstack/echo v4, for programs that use it; maintained until the end of 2026"},
			{"fiber", "gofiber/fiber v3: built on fasthttp; its own handlers, and middleware of net/http needs an adaptor"},
			{"fiber/v2", "gofiber/fiber v2, for programs that use it; gets fixes only"},
		},
	},
	{
		Name:     "database",
		Question: "Which database does the program use?",
		Help:     "database that the queries and migrations are written for",
		Values: []Value{
			{"sqlite", "one file and no server to run; one writer at a time, and one machine"},
			{"postgres", "many writers and many machines; a server to run and to back up"},
			{"mysql", "MySQL or MariaDB: many writers and many machines; a server to run and to back up"},
		},
	},
	{
		Name:     "driver",
		Question: "Which database driver?",
		Help:     "module path of the database driver; it must fit the database",
		Values: []Value{
			{"modernc.org/sqlite", "SQLite in pure Go: builds without cgo and cross-compiles; needs exactly the version of modernc.org/libc that it names"},
			{"github.com/mattn/go-sqlite3", "SQLite itself, in C; needs cgo, and a C compiler for each system that it is built for"},
			{"github.com/ncruces/go-sqlite3", "SQLite as WebAssembly: builds without cgo and cross-compiles; needs go 1.26, and its API may still change"},
			{"github.com/jackc/pgx/v5", "PostgreSQL, by its package for database/sql; behind PgBouncer it needs another exec mode"},
			{"github.com/lib/pq", "PostgreSQL, for programs that use it; no other modules come with it"},
			{"github.com/go-sql-driver/mysql", "MySQL and MariaDB; its data source name needs parameters for times"},
		},
	},
	{
		Name:     "store",
		Question: "Where should sessions be stored?",
		Help:     "where the sessions of session=database are stored",
		Values: []Value{
			{"database", "beside the users: one joined read per check, nothing else to run; each login writes to the database"},
			{"redis", "in Redis, which deletes expired ones itself; another server to run, and each check reads both it and the database"},
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
	},
	{
		Name:     "interface",
		Question: "Which format should the routes use?",
		Help:     "format that the routes use",
		Values: []Value{
			{"json", "JSON for a front end of your own; no pages are written"},
		},
	},
	{
		Name:     "prefix",
		Question: "Below which path should the routes be?",
		Help:     "path below which the routes are",
	},
	{
		Name:     "roles",
		Question: "Which roles, highest first?",
		Help:     "roles, highest first; sessions of a sensitive role are shorter: 1 hour idle, 24 hours at most",
	},
	{
		Name:     "permissions",
		Question: "What may each role do?",
		Help:     "permissions of the roles, such as editor=posts:write+posts:read",
		FlagOnly: true,
	},
	{
		Name:     "default_role",
		Question: "Which role does a new user get?",
		Help:     "role of a new user; by default the lowest",
	},
	{
		Name:     "profile",
		Question: "Which profile fields?",
		Help:     "additional user fields, each string, bool or int, visible to anyone, or to self and roles; users fill in those they see; [] for none",
	},
	{
		Name:     "public",
		Question: "Which pages are only for visitors who are logged out?",
		Help:     "pages for visitors who are logged out, such as /login; the gate redirects users who are logged in; [] for none",
	},
	{
		Name:     "protected",
		Question: "Which pages need a session?",
		Help:     "pages that need a session, such as /dashboard; [] for none",
	},
	{
		Name:     "features",
		Question: "Which features should it have?",
		Help:     "parts that can be left out",
		Many:     true,
		Values: []Value{
			{"signup", "visitors create accounts; the answer reveals whether an address already has one"},
			{"remember", "a login outlasts the browser if the user asks for it; so does the cookie, for whoever uses that machine next"},
			{"delete_account", "users delete their own account and all its data; it cannot be undone"},
			{"manage_users", "roles with users:read and users:write list users, disable them and change their roles over HTTP; so can a stolen session of theirs"},
		},
	},
	{
		Name:     "migrations",
		Question: "Which tool applies migrations?",
		Help:     "format of the migrations",
		Values: []Value{
			{"goose", "numbered SQL files, up and down in one; the package can apply them itself"},
			{"golang-migrate", "numbered pairs of SQL files, one up and one down; needs its command or library to run"},
			{"tern", "numbered SQL files, only for postgres, up and down in one; needs its command or library to run"},
			{"dbmate", "SQL files named by timestamp, up and down in one; needs its command to run"},
			{"atlas", "SQL files named by timestamp, with their checksums in atlas.sum and no down; needs its command to run"},
			{"plain", "numbered pairs of plain SQL files, one up and one down; the package can apply them itself"},
		},
	},
	{
		Name:     "migrations_dir",
		Question: "In which directory does the project keep its migrations?",
		Help:     "directory of the migrations, from the module root; empty for one in the package, which can then apply them itself",
	},
	{
		Name:     "migrations_version",
		Question: "Which number should the migration have?",
		Help:     "number of the migration; by default 1, or 20260101000000 for dbmate and atlas",
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
	},
}

// KeyNamed returns the key of that name. A name that is not there is a bug.
func KeyNamed(name string) Key {
	i := slices.IndexFunc(Keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		panic("internal error: no key " + name)
	}
	return Keys[i]
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

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for _, part := range []any{m.name, m.value} {
			text, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			b.Write(text)
			b.WriteByte(':')
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Schema returns the JSON Schema (draft 2020-12) of authgen.yaml, for editors.
// It says less than Check: what one answer means for another is not in it.
func Schema() []byte {
	d := Default()
	d.Normalize()
	properties := object{{"version", object{
		{"description", "version of this format"},
		{"const", answersVersion},
	}}}
	for _, k := range Keys {
		if !k.FlagOnly {
			properties = append(properties, member{k.Name, k.schema(d)})
		}
	}
	text, err := json.MarshalIndent(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "authgen answers"},
		{"description", "What an auth package is generated from. A missing key has its default."},
		{"type", "object"},
		{"required", []string{"version"}},
		{"additionalProperties", false},
		{"properties", properties},
	}, "", "  ")
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return append(text, '\n')
}

// schema returns the schema of one key; d has the defaults.
func (k Key) schema(d Answers) object {
	s := object{{"description", k.Help}}
	pattern := func(p interface{ String() string }) object {
		return object{{"type", "string"}, {"pattern", p.String()}}
	}
	list := func(items object) object {
		return object{{"type", "array"}, {"uniqueItems", true}, {"items", items}}
	}
	record := func(required []string, properties object) object {
		return object{{"type", "object"}, {"required", required}, {"additionalProperties", false}, {"properties", properties}}
	}
	switch k.Name {
	case "package":
		s = append(s, object{{"type", "string"}, {"minLength", 1}, {"maxLength", maxPackage}, {"default", d.Package}}...)
	case "package_name":
		s = append(s, pattern(packageNamePattern)...)
	case "name":
		s = append(s, object{{"anyOf", []object{{{"const", ""}}, pattern(namePattern)}}, {"default", d.Name}}...)
	case "driver":
		s = append(s, object{{"oneOf", k.choices()}}...)
	case "migrations_dir":
		s = append(s, object{{"type", "string"}, {"maxLength", maxPackage}, {"default", d.MigrationsDir}}...)
	case "migrations_version":
		s = append(s, object{{"anyOf", []object{{{"type", "integer"}, {"minimum", 1}, {"maximum", 99999999999999}}, pattern(versionPattern)}}}...)
	case "prefix":
		s = append(s, append(pattern(pathPattern), object{{"minLength", 2}, {"default", d.Prefix}}...)...)
	case "roles":
		s = append(s, object{
			{"type", "array"},
			{"minItems", 1},
			{"maxItems", maxRoles},
			{"items", record([]string{"name"}, object{
				{"name", append(pattern(rolePattern), member{"not", object{{"enum", []string{"none", Anyone, Self}}}})},
				{"permissions", append(list(pattern(permissionPattern)), member{"default", []string{}})},
				{"sensitive", object{{"type", "boolean"}, {"default", false}}},
			})},
			{"default", roleObjects(d.Roles)},
		}...)
	case "default_role":
		s = append(s, pattern(rolePattern)...)
	case "profile":
		s = append(s, object{
			{"type", "array"},
			{"maxItems", maxFields},
			{"items", record([]string{"name", "type", "visible"}, object{
				{"name", append(pattern(fieldPattern), member{"maxLength", maxField})},
				{"type", object{{"enum", fieldTypes}}},
				{"visible", append(list(pattern(rolePattern)), member{"minItems", 1})},
			})},
			{"default", fieldObjects(d.Profile)},
		}...)
	case "public", "protected":
		s = append(s, append(list(pattern(pathPattern)), member{"default", []string{}})...)
	case "features":
		var properties object
		for _, v := range k.Values {
			properties = append(properties, member{v.Name, object{
				{"description", v.Help},
				{"type", "boolean"},
				{"default", *d.Features.Field(v.Name)},
			}})
		}
		s = append(s, object{{"type", "object"}, {"additionalProperties", false}, {"properties", properties}}...)
	default:
		s = append(s, object{{"oneOf", k.choices()}, {"default", d.Get(k.Name)}}...)
	}
	return s
}

// choices returns the schemas of the values.
func (k Key) choices() []object {
	var values []object
	for _, v := range k.Values {
		values = append(values, object{{"const", v.Name}, {"description", v.Help}})
	}
	return values
}

func roleObjects(roles []Role) []object {
	objects := make([]object, len(roles))
	for i, r := range roles {
		objects[i] = object{{"name", r.Name}, {"permissions", append([]string{}, r.Permissions...)}, {"sensitive", r.Sensitive}}
	}
	return objects
}

func fieldObjects(fields []Field) []object {
	objects := make([]object, len(fields))
	for i, f := range fields {
		objects[i] = object{{"name", f.Name}, {"type", f.Type}, {"visible", f.Visible}}
	}
	return objects
}
