package questions

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// candidates returns answers to suggest for a key whose answer has a problem, best first.
// They may have problems themselves.
func (r *Resolution) candidates(key string) []string {
	a := r.Answers
	switch key {
	case "package":
		var list []string
		parent := path.Dir(a.Package)
		if a.Name != "" {
			list = append(list, path.Join(parent, a.Name+"auth"))
		}
		list = append(list, r.project.Defaults.Package)
		for _, dir := range []string{parent, path.Dir(r.project.Defaults.Package)} {
			for _, name := range []string{"authn", "accounts", "login", "webauth", "userauth"} {
				list = append(list, path.Join(dir, name))
			}
		}
		return list
	case "package_name":
		return []string{strings.TrimRight(path.Base(a.Package), "_") + "auth"}
	case "name":
		list := []string{moduleWord(r.project.Module), "app", "web", "site", "own"}
		word, ok := strings.CutSuffix(a.PackageName, "auth")
		if ok || len(r.project.Others) > 0 { // which the name tells from this one
			list = append([]string{word}, list...)
		}
		return list
	case "prefix":
		list := []string{"/account", "/accounts", "/identity", "/auth"}
		another := "/" + cmp.Or(a.Name, "staff") + a.Prefix
		if len(r.project.Others) > 0 {
			return append([]string{another}, list...)
		}
		return append(list, another)
	case "migrations_version":
		var list []string
		for _, m := range r.project.Migrations {
			if m.Dir == a.MigrationsDir {
				list = append(list, m.Next(r.project.Now))
			}
		}
		return list
	}
	return nil
}

// moduleWord returns the last element of a module's path that is not a version, as a word
// for names of tables.
func moduleWord(module string) string {
	elems := strings.Split(module, "/")
	last := elems[len(elems)-1]
	if len(elems) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = elems[len(elems)-2]
	}
	last, _, _ = strings.Cut(last, ".")
	return strings.ReplaceAll(strings.ToLower(last), "-", "_")
}

// Free returns answers that replace those with a problem, for all keys for which one is
// known, in the order of the questions.
func (r Resolution) Free() []Flag {
	var free []Flag
	for _, k := range answers.Keys {
		if hasProblem(r.Problems, k.Name) {
			if text := r.suggestion(k.Name); text != "" {
				free = append(free, Flag{k.Name, text})
			}
		}
	}
	return free
}

// Fixed returns the resolution with the answers of [Resolution.Free] given, and whether
// that has no problem.
func (r Resolution) Fixed() (Resolution, bool) {
	for range answers.Keys {
		free := r.Free()
		if len(free) == 0 {
			break
		}
		given := r.given // the others may depend on this one
		given.Flags = with(given.Flags, free[0].Key, free[0].Text)
		next, err := Resolve(r.project, given)
		if err != nil {
			return r, false
		}
		r = next
	}
	return r, len(r.Problems) == 0 && !slices.ContainsFunc(answers.Keys, func(k answers.Key) bool { return r.Found[k.Name].Unclear() })
}
