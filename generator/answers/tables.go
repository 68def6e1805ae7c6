package answers

import "slices"

// A Table is one that the package keeps in the developer's database.
type Table struct {
	Name    string             // without the prefix that all of them have
	Indexes []string           // their names, without that prefix too
	Needed  func(Answers) bool // whether a package for these answers has it
}

// Tables returns the tables in the order in which they are made: one that refers to
// another follows it. Those of features come last.
func Tables() []Table {
	all := slices.Clone(tables)
	for _, f := range Features {
		for _, t := range f.Tables {
			t.Needed = func(a Answers) bool { return a.Has(f.Name) }
			all = append(all, t)
		}
	}
	return all
}

// tableNamed returns the table of that name. A name that is not there is a bug.
func tableNamed(name string) Table {
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Name == name })
	return tables[i]
}

var tables = []Table{
	{
		Name:   "users",
		Needed: func(a Answers) bool { return !a.Users.Adopted() },
	},
	{
		Name:    "accounts",
		Indexes: []string{"users_email"},
		Needed:  func(a Answers) bool { return a.Users.Adopted() },
	},
	{
		Name:    "sessions",
		Indexes: []string{"sessions_user_id", "sessions_expires_at"},
		Needed: func(a Answers) bool {
			return a.Session == "database" && !StoreNamed(a.Store).Apart() || a.Bridge == "database"
		},
	},
	{
		Name:    "ended_sessions",
		Indexes: []string{"ended_sessions_expires_at"},
		Needed:  func(a Answers) bool { return a.Session == "stateless" || a.Bridge == "stateless" },
	},
}
