package prompt

import "github.com/AlecAivazis/survey/v2"

const (
	focus     = "> [x] " // the longest mark before an option
	separator = " - "

	// What the keys of a question do, in brackets after it.
	listKeys    = "type to filter"
	manyKeys    = "space: choose, type to filter"
	helpKey     = "?: help"
	backKey     = "Esc: back"
	longestHint = "[" + manyKeys + ", " + helpKey + ", " + backKey + "]"
)

// lineTemplate is the template of a lineQuestion.
const lineTemplate = questionTemplate + `
{{- if .Problem}}{{color .Config.Icons.Error.Format}}{{.Config.Icons.Error.Text}} {{.Problem}}{{color "reset"}}{{"\n"}}{{end}}
{{- template "question" .}}
{{- if .ShowAnswer}}{{template "answer" .Answer}}
{{- else}}
	{{- with .Keys}}{{template "hint" .}} {{end}}
	{{- with .Hint}}[{{.}}] {{end}}
{{- end}}`

// questionTemplate is what all templates share.
const questionTemplate = `
{{- define "help"}}{{if .ShowHelp}}{{color .Config.Icons.Help.Format}}{{.Help}}{{color "reset"}}{{"\n"}}{{end}}{{end}}
{{- define "hint"}}{{color "cyan"}}[{{.}}]{{color "reset"}}{{end}}
{{- define "answer"}}{{color "cyan"}}{{.}}{{color "reset"}}{{"\n"}}{{end}}
{{- define "question"}}{{template "help" .}}
	{{- color .Config.Icons.Question.Format}}{{.Config.Icons.Question.Text}}{{color "reset"}} {{color "default+b"}}{{.Message}}{{color "reset"}} {{end}}`

// init changes the look of survey's lists: the hints are shorter, and no color is
// invisible on a light background. Survey's templates can only be set through variables of
// its package. The hints are in the icon for help, which survey does not use.
func init() {
	const list = `{{.CurrentOpt.Value}}{{color "reset"}}{{with .GetDescription .CurrentOpt}}` + separator + `{{.}}{{end}}{{"\n"}}`

	survey.SelectQuestionTemplate = questionTemplate + `
{{- define "option"}}
	{{- if eq .SelectedIndex .CurrentIndex}}{{color .Config.Icons.SelectFocus.Format}}{{.Config.Icons.SelectFocus.Text}} {{else}}{{color "default"}}  {{end}}` + list + `{{end}}
{{- template "question" .}}
{{- if .ShowAnswer}}{{template "answer" .Answer}}
{{- else}}{{with .FilterMessage}}{{slice . 1}} {{end}} {{template "hint" .Config.Icons.HelpInput.Text}}{{"\n"}}
	{{- range $i, $option := .PageEntries}}{{template "option" $.IterateOption $i $option}}{{end}}
{{- end}}`

	survey.MultiSelectQuestionTemplate = questionTemplate + `
{{- define "option"}}
	{{- if eq .SelectedIndex .CurrentIndex}}{{color .Config.Icons.SelectFocus.Format}}{{.Config.Icons.SelectFocus.Text}}{{color "reset"}}{{else}} {{end}} 
	{{- if index .Checked .CurrentOpt.Index}} {{color .Config.Icons.MarkedOption.Format}}{{.Config.Icons.MarkedOption.Text}} {{else}} {{color "default"}}{{.Config.Icons.UnmarkedOption.Text}} {{end}}` + list + `{{end}}
{{- template "question" .}}
{{- if .ShowAnswer}}{{template "answer" or .Answer "none"}}
{{- else}}{{with .FilterMessage}}{{slice . 1}} {{end}} {{template "hint" .Config.Icons.HelpInput.Text}}{{"\n"}}
	{{- range $i, $option := .PageEntries}}{{template "option" $.IterateOption $i $option}}{{end}}
{{- end}}`
}
