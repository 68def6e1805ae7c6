package emit

import (
	"maps"
	"path"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/internal/directive"
	"github.com/authgen/authgen/generator/project"
)

// optionsFor is how the templates are cut to the answers.
func optionsFor(a answers.Answers, t Target, change schemaChange) directive.Options {
	tags := map[string]bool{
		"false": false,

		"nethttp": a.Router == "net/http",
		"chi":     a.Router == "chi",
		"gorilla": a.Router == "gorilla",
		"gin":     a.Router == "gin",
		"echo":    a.Router == "echo" || a.Router == "echo/v4",
		"echo4":   a.Router == "echo/v4",
		"fiber":   a.Router == "fiber" || a.Router == "fiber/v2",
		"fiber2":  a.Router == "fiber/v2",

		// What is true of several routers, for templates that do not name one.
		"handler":      a.Router == "net/http" || a.Router == "chi" || a.Router == "gorilla", // handlers are those of net/http
		"http_request": a.Router != "fiber" && a.Router != "fiber/v2",                        // requests are
		"allow_header": a.Router != "gin",                                                    // 405 says what is allowed, whatever the method

		"sqlite":   a.Database == "sqlite",
		"postgres": a.Database == "postgres",
		"mysql":    a.Database == "mysql",
		"modernc":  a.Driver == "modernc.org/sqlite",
		"mattn":    a.Driver == "github.com/mattn/go-sqlite3",
		"ncruces":  a.Driver == "github.com/ncruces/go-sqlite3",
		"pgx":      a.Driver == "github.com/jackc/pgx/v5",
		"pq":       a.Driver == "github.com/lib/pq",

		"session_database":  a.Session == "database",
		"session_stateless": a.Session == "stateless",
		"redis":             a.Store == "redis",
		"session_rows":      a.Session == "database" && a.Store != "redis",
		"ended_sessions":    a.Session == "stateless" || a.Bridge == "stateless",

		"bridge":                a.Bridge != "none",
		"bridge_from_stateless": a.Bridge == "stateless",
		"bridge_from_database":  a.Bridge == "database",

		"goose":          a.Migrations == "goose",
		"golang_migrate": a.Migrations == "golang-migrate",
		"tern":           a.Migrations == "tern",
		"dbmate":         a.Migrations == "dbmate",
		"atlas":          a.Migrations == "atlas",
		"plain":          a.Migrations == "plain",
		"migrate":        a.Migrates(),

		"gate":           len(a.Public)+len(a.Protected) > 0,
		"permissions":    len(allPermissions(a)) > 0,
		"profile":        len(a.Profile) > 0,
		"public_profile": countFields(a.Profile, isPublic) > 0,
		"own_profile":    countFields(a.Profile, isOwn) > 0,
		"own_text":       hasOwnText(a),
		"ranks":          len(a.Roles) > 1,
	}
	for _, name := range answers.FeatureNames {
		tags[name] = *a.Features.Field(name)
	}
	tables, cookie := tablePrefix(a), "session"
	if a.Name != "" {
		cookie = a.Name + "-session"
	}
	words := map[string]string{
		"RoleAdmin": "Role" + answers.GoName(a.Roles[0].Name), // in the documentation
	}
	words["auth_migrations"] = tables + "migrations" // where the package notes those that it has applied
	for _, table := range answers.Tables() {
		for _, name := range append(table.Indexes, table.Name) {
			words["auth_"+name] = tables + name
		}
	}
	packages := packageNames(a)
	words[templateWeb], words[templateTest] = a.WebName(), a.TestName()
	words["package "+templatePackage] = "package " + a.PackageName
	words[templatePackage+"."] = a.PackageName + "." // auth.New, in the documentation
	words[templatePackage+":"] = a.PackageName + ":" // in the texts of errors
	imports := map[string]string{
		templateImport:            path.Join(t.Module, a.Package),
		templateImport + "/redis": project.RedisModule, // for which it stands in
	}
	for _, name := range []string{templateWeb, templateTest} {
		imports[templateImport+"/"+name] = path.Join(t.Module, a.Package, packages[name])
	}
	maps.Copy(imports, olderMajors[a.Router].imports)
	same := func(old, now string) bool { return old == now }
	maps.DeleteFunc(words, same)
	maps.DeleteFunc(packages, same)
	return directive.Options{
		Tags: tags,
		Values: map[string]string{
			"prefix":          a.Prefix,
			"cookie":          cookie,
			"migration_files": strings.Join(migrationFiles(a, t.Migrated, change), ":"),
			"redis_prefix":    strings.TrimSuffix(tables, "_") + ":",
			"profile_columns": profileColumns(a),
		},
		Packages: packages,
		Imports:  imports,
		Exprs:    olderMajors[a.Router].exprs,
		Words:    words,

		NumberPlaceholders: a.Database == "postgres",
	}
}

// NumberPlaceholders returns the source of a Go template with placeholders as they are
// for a database that numbers them. It is for templates that are tested in place.
func NumberPlaceholders(name string, source []byte) ([]byte, error) {
	return directive.NumberPlaceholders(name, source)
}

// olderMajors is, by router, what makes the code of an older major version of a
// router from that of the current one. Where more than names differ, the
// templates have directives.
var olderMajors = map[string]struct{ imports, exprs map[string]string }{
	"echo/v4": {
		imports: map[string]string{"github.com/labstack/echo/v5": "github.com/labstack/echo/v4"},
		exprs: map[string]string{
			"*echo.Context":                    "echo.Context",
			"func(c *echo.Context, err error)": "func(err error, c echo.Context)",
			"e.Router().Routes()":              "e.Routes()",
		},
	},
	"fiber/v2": {
		imports: map[string]string{"github.com/gofiber/fiber/v3": "github.com/gofiber/fiber/v2"},
		exprs: map[string]string{
			"fiber.Ctx":                 "*fiber.Ctx",
			"c.Context":                 "c.UserContext",
			"c.SetContext":              "c.SetUserContext",
			"c.RequestCtx":              "c.Context",
			"[]string{route.Method}":    "route.Method",
			"[]string{http.MethodHead}": "http.MethodHead",
			"Verify(c)":                 "Verify(c.Context())", // neither of which is the context of the request
		},
	},
}
