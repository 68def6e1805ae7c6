package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/doctor"
	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

var doctorCommand = command{
	name:    "doctor",
	args:    "[flags]",
	summary: "find mistakes in how the application uses the package",
	detail: `Reads the source of the application and the names of the variables in its .env files,
and prints what is wrong in how it uses the package: where, in a sentence, and what to do
about it. It changes nothing, runs nothing and needs no network. It reads no value in a
.env file. docs/doctor.md lists everything that it looks for.

With --database it looks at that database alone. It runs the CheckDatabase method of the
package, with your driver and by "go run", so the result is the one that the application
would get.

It exits with 0 if it finds nothing, with 1 if it finds something, and with 2 if it
cannot tell.`,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		sel := selectionFlag(flags)
		sel.allFlag(flags)
		asJSON := flags.Bool("json", false, "print the findings as JSON to standard output")
		database := flags.String("database", "", "look at the database with this `URL`, as the application opens it; better the name of an environment variable with the URL, which keeps the password out of the list of processes")
		ignore := flags.String("ignore", "", "leave out the findings with these `IDS`, separated by commas, in a script that must not fail because of them")
		return func(c *cli, args []string) error {
			if err := noArgs("doctor", args); err != nil {
				return err
			}
			ignored, err := ignoredIDs(*ignore)
			if err != nil {
				return err
			}
			sel.reads = true
			p, instances, err := sel.open("doctor")
			if err != nil {
				return err
			}
			return c.doctor(p, instances, *database, ignored, *asJSON)
		}
	},
}

// doctorReport is the JSON output about one package.
type doctorReport struct {
	Package  string           `json:"package"` // directory, from the root of the module
	Version  string           `json:"version"` // of this authgen
	Exit     int              `json:"exit"`    // exit status for this package
	Findings []doctor.Finding `json:"findings"`
}

// ignoredIDs returns the ids in a list. Those of faults of a database are known to the
// package alone.
func ignoredIDs(list string) ([]string, error) {
	var known []string
	for _, check := range doctor.Checks {
		known = append(known, check.ID)
	}
	ids := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	for _, id := range ids {
		if !slices.Contains(known, id) && !strings.HasPrefix(id, "database-") {
			return nil, usageError("doctor", "--ignore: unknown id %q%s", id, answers.DidYouMean(id, known))
		}
	}
	return ids, nil
}

// doctor prints what is wrong in how the application uses packages or, if a database is
// given, what is wrong with that.
func (c *cli) doctor(p *project.Project, instances []*instance, database string, ignored []string, asJSON bool) error {
	if database == "" {
		if err := p.Survey(); err != nil {
			return err
		}
	}
	reports := make([]doctorReport, 0, len(instances))
	status := exitDone
	for _, in := range instances {
		var found []doctor.Finding
		var err error
		if database != "" {
			found, err = c.lookAtDatabase(in, database)
		} else {
			found, err = doctor.Look(p, in.answers, os.DirFS(p.Root))
		}
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(f doctor.Finding) bool { return slices.Contains(ignored, f.ID) })
		slices.SortStableFunc(found, func(a, b doctor.Finding) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
		})
		r := doctorReport{Package: in.dir, Version: generator.Version, Findings: append([]doctor.Finding{}, found...)}
		if len(found) > 0 {
			r.Exit, status = exitDiffers, exitDiffers
		}
		reports = append(reports, r)
	}
	if asJSON {
		if err := c.printJSON(reports); err != nil {
			return err
		}
	}
	for _, r := range reports {
		if asJSON {
			break
		}
		for _, f := range r.Findings {
			if _, err := fmt.Fprintf(c.stdout, "%s: %s [%s]\n\t%s\n", where(f), f.Text, f.ID, f.Remedy); err != nil {
				return err
			}
		}
		c.say("%s: %s", r.Package, findings(len(r.Findings)))
	}
	if status != exitDone {
		return &failure{nil, "", status}
	}
	return nil
}

// where returns the place of a finding.
func where(f doctor.Finding) string {
	if f.File == "" {
		return "database"
	}
	return project.Position{File: f.File, Line: f.Line}.String()
}

// findings says how many findings there are.
func findings(n int) string {
	if n == 0 {
		return "nothing found"
	}
	return count(n, "finding")
}
