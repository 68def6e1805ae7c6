package questions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// The answers to the first question about the profile, and about each further field.
const (
	noField  = "no more"
	oneField = "one more"
	without  = "without " // and the name of a field
)

// A profileStage is what is asked next about the profile.
type profileStage int

const (
	askMore profileStage = iota
	askName
	askType
	askViewers
	profileComplete
)

// A profileDraft is the profile after some answers to the questions about it.
type profileDraft struct {
	fields []answers.Field
	stage  profileStage
}

// draftProfile applies answers to the fields that there are without any.
func draftProfile(fields []answers.Field, texts []string) profileDraft {
	d := profileDraft{fields: slices.Clone(fields)}
	for _, text := range texts {
		d.take(strings.TrimSpace(text))
	}
	if len(d.fields) == 0 {
		d.fields = nil // as an empty list always is
	}
	return d
}

// take applies an answer. A field that has only a name yet is a text for its user.
func (d *profileDraft) take(text string) {
	last := len(d.fields) - 1
	switch d.stage {
	case askMore:
		name, drop := strings.CutPrefix(text, without)
		switch {
		case drop:
			d.fields = slices.DeleteFunc(d.fields, func(f answers.Field) bool { return f.Name == name })
		case text == oneField:
			d.stage = askName
		default:
			d.stage = profileComplete
		}
	case askName:
		d.fields = append(d.fields, answers.Field{Name: text, Type: answers.FieldTypes[0].Name, Visible: []string{answers.Self}})
		d.stage = askType
	case askType:
		d.fields[last].Type = text
		d.stage = askViewers
	case askViewers:
		d.fields[last].Visible = chosen(text)
		d.stage = askMore
	}
}

// chosen returns the options that the answer to a question with many names.
func chosen(text string) []string {
	return slices.DeleteFunc(strings.Split(text, ","), func(name string) bool {
		return name == "" || strings.HasPrefix(name, "-")
	})
}

// profile returns the profile after the answers given so far.
func (r *Resolution) profile() profileDraft {
	return draftProfile(r.given.usualProfile(r.project.Defaults.Profile, r.Answers.Users), r.given.Profile)
}

// askProfile returns the next question about the profile.
func (r *Resolution) askProfile() Question {
	d := r.profile()
	q := Question{Key: "profile", Step: len(r.given.Profile)}
	field := ""
	if len(d.fields) > 0 {
		field = d.fields[len(d.fields)-1].Name
	}
	switch d.stage {
	case askMore:
		have := []string{"email", "role"} // as every user
		for _, f := range d.fields {
			have = append(have, f.Name)
			q.Options = append(q.Options, answers.Value{Name: without + f.Name, Help: "users have no such field"})
		}
		q.Text = "Should users have more fields?"
		q.Help = answers.KeyNamed("profile").More
		q.Options = append([]answers.Value{
			{Name: noField, Help: strings.Join(have, ", ") + " will do; authgen set profile+=… adds others later"},
			{Name: oneField, Help: "its name, its type and who may see it are asked next"},
		}, q.Options...)
		q.Default = noField
	case askName:
		q.Text = "What is the field called?"
		q.Help = "Lower-case words joined by _, such as company_name: the name of the column and in JSON. In Go it becomes CompanyName."
	case askType:
		q.Text = fmt.Sprintf("What is %s?", field)
		q.Help = "The type cannot change later, since the column exists by then; add another field instead."
		q.Options = answers.FieldTypes
		q.Default = answers.FieldTypes[0].Name
	case askViewers:
		q.Text = fmt.Sprintf("Who may see %s?", field)
		q.Help = "Users fill in the fields that they see. A field that only roles see is for your own code to set."
		q.Many = true
		q.Options = []answers.Value{
			{Name: answers.Anyone, Help: "everybody, logged in or not; choose nothing else with it"},
			{Name: answers.Self, Help: "the user, who can also change it"},
		}
		for _, role := range r.Answers.Roles {
			q.Options = append(q.Options, answers.Value{Name: role.Name, Help: "everybody with this role or a higher one"})
		}
		q.Default = answers.Self
	}
	return q
}
