package questions

import (
	"slices"

	"github.com/authgen/authgen/generator/answers"
)

// A Flag is an answer as it is given on the command line.
type Flag struct{ Key, Text string }

// Flags returns the flags that lead to the same answers without any questions. They
// include all given flags, since some have an effect even with the default value, and all
// answers that the project leaves open.
func (r Resolution) Flags() []Flag {
	// The directory and the table of users determine other answers. They alone cannot be an
	// error.
	decisive := []string{"package"}
	if r.Answers.Users.Adopted() {
		decisive = append(decisive, "users")
	}
	given := make(map[string]string)
	for _, key := range decisive {
		given[key] = r.Answers.Get(key)
	}
	bare, _ := Resolve(r.project, Given{Flags: given})
	var flags []Flag
	for _, k := range answers.Keys {
		unasked := bare.Answers.Get(k.Name)
		if slices.Contains(decisive, k.Name) {
			unasked = r.project.Defaults.Get(k.Name)
		}
		_, given := r.given.Flags[k.Name]
		if text := r.Answers.Get(k.Name); given || text != unasked || bare.Found[k.Name].Unclear() {
			flags = append(flags, Flag{k.Name, text})
		}
	}
	return flags
}

// GivenFlags returns the answers that were given, as flags. Of the permissions and the
// profile, a part may have been given.
func (r Resolution) GivenFlags() []Flag {
	var flags []Flag
	for _, k := range answers.Keys {
		if r.givenInPart(k.Name) {
			flags = append(flags, Flag{k.Name, r.Answers.Get(k.Name)})
		}
	}
	return flags
}
