package emit

import (
	"maps"
	"path"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/internal/directive"
)

// optionsFor returns the options that specialize the templates to the answers.
func optionsFor(a answers.Answers, t Target, change schemaChange) directive.Options {
	router, store := answers.RouterNamed(a.Router), answers.StoreNamed(a.Store)
	tags := a.Tags()
	tables := TablePrefix(a)
	words := map[string]string{
		"RoleAdmin": "Role" + answers.GoName(a.Roles[0].Name), // in the documentation
	}
	words["auth_migrations"] = tables + appliedTable
	for _, table := range answers.Tables() {
		for _, name := range append(table.Indexes, table.Name) {
			words["auth_"+name] = tables + name
		}
	}
	if a.Users.Adopted() {
		words["REFERENCES auth_users (id)"] = "REFERENCES " + tables + "accounts (user_id)"
		words["SELECT id FROM auth_users"] = "SELECT user_id FROM " + tables + "accounts"
		words["CREATE TABLE auth_users (id INTEGER)"] = "CREATE TABLE " + tables + "accounts (user_id INTEGER)"
		words["table_name = 'auth_users'"] = "table_name = '" + tables + "accounts'"
		db := answers.DatabaseNamed(a.Database)
		words["user_id          "+db.IDType] = "user_id          " + idColumn(a)
		if a.Users.IDKind() == answers.Texts && db.TableOptions != "" {
			// The ids have the character set of the database, as those of the application.
			words[db.TableOptions[1:]+" DEFAULT CHARSET=utf8mb4"] = db.TableOptions[1:]
		}
	}
	packages := packageNames(a)
	words[templateWeb], words[templateTest] = a.WebName(), a.TestName()
	words["package "+templatePackage] = "package " + a.PackageName
	words[templatePackage+"."] = a.PackageName + "." // auth.New, in the documentation
	words[templatePackage+":"] = a.PackageName + ":" // in the texts of errors
	imports := map[string]string{
		templateImport: path.Join(t.Module, a.Package),
	}
	if store.Apart() {
		imports[templateImport+"/"+store.Package] = store.Module // the template is a stand-in for it
	}
	for _, name := range []string{templateWeb, templateTest} {
		imports[templateImport+"/"+name] = path.Join(t.Module, a.Package, packages[name])
	}
	maps.Copy(imports, router.Older.Imports)
	same := func(old, now string) bool { return old == now }
	maps.DeleteFunc(words, same)
	maps.DeleteFunc(packages, same)
	values := adoptedStatements(a)
	maps.Copy(values, map[string]string{
		"prefix":          a.Prefix,
		"cookie":          cookieBase(a),
		"migration_files": strings.Join(migrationFiles(a, t.Migrated, change), ":"),
		"redis_prefix":    strings.TrimSuffix(tables, "_") + ":",
		"profile_columns": profileColumns(a),
		"feature_rows":    a.SecurityRows(),
	})
	return directive.Options{
		Tags:     tags,
		Values:   values,
		Packages: packages,
		Imports:  imports,
		Exprs:    router.Older.Exprs,
		Words:    words,

		NumberPlaceholders: answers.DatabaseNamed(a.Database).Numbered,
	}
}

// NumberPlaceholders returns the source of a Go template with numbered placeholders, as
// some databases need them. It is for tests of templates in place.
func NumberPlaceholders(name string, source []byte) ([]byte, error) {
	return directive.NumberPlaceholders(name, source)
}
