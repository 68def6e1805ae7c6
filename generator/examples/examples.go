// Package examples lists the examples, for the tests that write, read and run them.
package examples

// An Example is a project that authgen new creates.
type Example struct {
	Name    string
	Tree    bool        // all its files are in the repository, not only their hashes
	Race    bool        // CI runs its tests under the race detector
	Answers [][2]string // keys and values, as for flags, that are not the default
}

// All are the examples. Those that are tested under the race detector have each kind of
// handlers, each database, and Redis.
var All = []Example{
	{
		Name: "nethttp-database", Tree: true, Race: true,
		Answers: [][2]string{{"session", "database"}},
	},
	{
		Name: "nethttp-stateless",
		Answers: [][2]string{
			{"session", "stateless"},
			{"roles", "admin,editor,member"},
			{"permissions", "admin=users:read+users:write,editor=posts:write"},
			{"profile", "display_name:string:anyone,phone:string:self+admin"},
		},
	},
	{
		Name:    "chi-postgres",
		Answers: [][2]string{{"router", "chi"}, {"database", "postgres"}},
	},
	{
		Name: "gin-mysql-stateless", Tree: true, Race: true,
		Answers: [][2]string{{"router", "gin"}, {"database", "mysql"}, {"session", "stateless"}},
	},
	{
		Name: "echo-postgres-redis", Tree: true, Race: true,
		Answers: [][2]string{{"router", "echo"}, {"database", "postgres"}, {"store", "redis"}},
	},
	{
		Name: "fiber-sqlite", Race: true,
		Answers: [][2]string{{"router", "fiber"}},
	},
	{
		Name:    "gorilla-sqlite",
		Answers: [][2]string{{"router", "gorilla"}},
	},
}

// Flags returns the flags of authgen new that give the answers.
func (e Example) Flags() []string {
	var flags []string
	for _, answer := range e.Answers {
		flags = append(flags, "--"+answer[0]+"="+answer[1])
	}
	return flags
}
