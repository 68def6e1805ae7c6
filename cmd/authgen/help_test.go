package main

import (
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
)

// Every question has a flag, in order, and the help has all that its entry says.
func TestHelpHasTheQuestions(t *testing.T) {
	for _, name := range []string{"init", "new"} {
		cmd, _ := findCommand(name)
		var b strings.Builder
		cmd.help(&b)
		for line := range strings.Lines(b.String()) {
			wrapped := strings.HasPrefix(line, "      ") && len(strings.Fields(line)) > 1
			if wrapped && len(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("%s: longer than 80 columns: %s", name, line)
			}
		}
		rest := strings.Join(strings.Fields(b.String()), " ")
		for _, k := range answers.Keys {
			wanted := []string{"--" + k.Name, k.Help}
			for _, v := range k.Values {
				wanted = append(wanted, "- "+v.Name+" "+v.Help)
			}
			for _, want := range wanted {
				_, after, ok := strings.Cut(rest, " "+want)
				if !ok {
					t.Fatalf("%s: %q is missing, or not in the order of the questions", name, want)
				}
				rest = after
			}
		}
	}
}
