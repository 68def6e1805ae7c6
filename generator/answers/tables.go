package answers

import "slices"

// A Table is one that the package keeps in the developer's database.
type Table struct {
	Name    string             // without the prefix that all of them have
	Indexes []string           // their names, without that prefix too
	Needed  func(Answers) bool // whether a package for these answers has it
}

// Tables are in the order in which they are made: one that refers to another follows it.
func Tables() []Table { return slices.Clone(tables) }

var tables = []Table{
	{
		Name:   "users",
		Needed: func(Answers) bool { return true },
	},
	{
		Name:    "sessions",
		Indexes: []string{"sessions_user_id", "sessions_expires_at"},
		Needed: func(a Answers) bool {
			return a.Session == "database" && a.Store != "redis" || a.Bridge == "database"
		},
	},
	{
		Name:    "ended_sessions",
		Indexes: []string{"ended_sessions_expires_at"},
		Needed:  func(a Answers) bool { return a.Session == "stateless" || a.Bridge == "stateless" },
	},
}
