package questions

import "github.com/authgen/authgen/generator/answers"

// A Flag is an answer as it is given on the command line.
type Flag struct{ Key, Text string }

// Flags returns the flags that lead to the same answers without any questions. They
// include all given flags, since some have an effect even with the default value, and all
// answers that the project leaves open.
func (r Resolution) Flags() []Flag {
	// The directory determines other answers. A directory alone cannot be an error.
	bare, _ := Resolve(r.project, Given{Flags: map[string]string{"package": r.Answers.Package}})
	var flags []Flag
	for _, k := range answers.Keys {
		unasked := bare.Answers.Get(k.Name)
		if k.Name == "package" {
			unasked = r.project.Defaults.Package
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
