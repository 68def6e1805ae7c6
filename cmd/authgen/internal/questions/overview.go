package questions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A Source is where an answer comes from.
type Source int

// The sources, in the order in which a person wants to look at them.
const (
	Missing     Source = iota // nowhere yet: the person has to give it
	FromProject               // it was found
	FromPerson                // it was given
	Recommended               // nobody said anything else
)

// None is what people read, and may type, for an answer that is empty.
const None = "none"

// A Row is one of the answers that a person looks at all together.
type Row struct {
	Key    string
	Source Source
	Answer string   // for people, unlike the form of a flag
	Notes  []string // why it is that, or what it means; may be empty
}

// Overview returns a row for each answer that the person gave or can still change, in the
// order of the questions.
func (r Resolution) Overview() []Row {
	var rows []Row
	for _, k := range answers.Keys {
		row := Row{Key: k.Name, Answer: r.text(k)}
		f := r.Found[k.Name]
		open := slices.IndexFunc(r.Open, func(q Question) bool { return q.Key == k.Name })
		switch {
		case open >= 0 && r.Open[open].Must != "":
			row.Source, row.Answer = Missing, ""
			row.Notes = append([]string{r.Open[open].Must}, f.Evidence...)
		case r.givenInPart(k.Name):
			row.Source = FromPerson
		case f.Answer != "":
			row.Source = FromProject
			for _, e := range f.Evidence {
				row.Notes = append(row.Notes, strings.TrimPrefix(strings.TrimPrefix(e, f.Answer+": "), f.Answer+" "))
			}
		case open >= 0:
			row.Source = Recommended
			for _, v := range k.Values {
				if v.Name == r.Answers.Get(k.Name) {
					row.Notes = []string{brief(v.Help)}
				}
			}
			for _, e := range f.Evidence {
				row.Notes = append(row.Notes, "found "+e)
			}
		default:
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// text returns the answer for a key as people read it.
func (r Resolution) text(k answers.Key) string {
	var parts []string
	switch {
	case k.Name == "permissions":
		for _, role := range r.Answers.Roles {
			if len(role.Permissions) > 0 {
				parts = append(parts, fmt.Sprintf("%s: %s", role.Name, strings.Join(role.Permissions, " ")))
			}
		}
	case k.Name == "profile":
		for _, f := range r.Answers.Profile {
			parts = append(parts, fmt.Sprintf("%s (%s, for %s)", f.Name, f.Type, strings.Join(f.Visible, " ")))
		}
	case k.Many:
		parts = chosen(r.Answers.Get(k.Name))
	default:
		parts = strings.FieldsFunc(r.Answers.Get(k.Name), func(c rune) bool { return c == ',' })
	}
	if len(parts) == 0 {
		return None
	}
	return strings.Join(parts, ", ")
}

// brief returns what comes first in the help for a value.
func brief(help string) string {
	if i := strings.IndexAny(help, ";:"); i >= 0 {
		return help[:i]
	}
	return help
}
