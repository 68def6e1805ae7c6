package answers

import "slices"

// The registries are tables: each entry of [Keys], [Features], [Routers], [Databases],
// [Stores] and [MigrationTools] holds all that authgen knows about one of them. Questions, flags,
// the schema, the detection of what a project uses, the required modules and the
// directives of the templates are derived from them. Entries are in the order in which
// they are offered; the first is the default.

// A Pin is a version of a module that a project may be made to require.
type Pin struct {
	Version string
	Go      string // the go line in that version's go.mod
}

// Versions are the versions of a module that emitted code works with.
type Versions struct {
	// Oldest is the oldest version with which emitted code compiles and passes its
	// tests. Every later one will do.
	Oldest string
	Pins   []Pin // newest first
}

// option returns the value that stands for an entry which embeds it.
func (v Value) option() Value { return v }

// valuesOf returns the values that the entries of a registry stand for.
func valuesOf[E interface{ option() Value }](entries []E) []Value {
	values := make([]Value, len(entries))
	for i, e := range entries {
		values[i] = e.option()
	}
	return values
}

// namesOf returns the names of values.
func namesOf(values []Value) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.Name
	}
	return names
}

// named returns the entry of that name, or a zero one if there is none.
func named[E interface{ option() Value }](entries []E, name string) E {
	var entry E
	if i := slices.IndexFunc(entries, func(e E) bool { return e.option().Name == name }); i >= 0 {
		entry = entries[i]
	}
	return entry
}

// Tags returns the names that directives of the templates may use, each with whether it
// is true of the answers: those of entries that they choose, and those of keys.
func (a Answers) Tags() map[string]bool {
	tags := map[string]bool{"false": false} // for what only the templates themselves need
	add := func(chosen bool, names ...string) {
		for _, name := range names {
			if name != "" {
				tags[name] = tags[name] || chosen
			}
		}
	}
	for _, r := range Routers {
		add(r.Name == a.Router, r.Tags...)
	}
	for _, d := range Databases {
		add(d.Name == a.Database, d.Tag)
		for _, driver := range d.Drivers {
			add(driver.Name == a.Driver, driver.Tag)
		}
	}
	for _, s := range Stores {
		add(s.Name == a.Store, s.Tag)
	}
	for _, t := range MigrationTools {
		add(t.Name == a.Migrations, t.Tag)
	}
	for _, f := range Features {
		add(a.Has(f.Name), f.Name)
	}
	for _, k := range Keys {
		for _, t := range k.Tags {
			add(t.On(a), t.Name)
		}
	}
	return tags
}

// ModuleVersions returns the versions of the modules in the registries, by module path.
func ModuleVersions() map[string]Versions {
	versions := make(map[string]Versions)
	for _, r := range Routers {
		if !r.Standard() {
			versions[r.Module] = Versions{r.Oldest, r.Pins}
		}
	}
	for _, d := range allDrivers() {
		versions[d.Name] = Versions{d.Oldest, d.Pins}
	}
	for _, s := range Stores {
		if s.Apart() {
			versions[s.Module] = Versions{s.Oldest, s.Pins}
		}
	}
	return versions
}
