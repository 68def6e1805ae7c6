package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/doctor"
	"github.com/authgen/authgen/cmd/authgen/internal/gocmd"
	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/answers"
)

// databaseVariable is the environment variable in which the program gets the URL.
const databaseVariable = "AUTHGEN_DOCTOR_DATABASE"

// databaseEntry is a file of the package that lets the program call what is not exported.
const databaseEntry = `package %s

import (
	"context"
	"database/sql"
)

func AuthgenDoctor(ctx context.Context, db *sql.DB) error {
	return (&Auth{store: &store{db: db}}).CheckDatabase(ctx)
}
`

// databaseProgram is the program that checks a database.
const databaseProgram = `package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"time"

	_ %[1]q

	checked %[2]q
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out struct {
		Faults []*checked.DatabaseFault
		Error  string
	}
	db, err := sql.Open(%[3]q, os.Getenv(%[4]q))
	if err == nil {
		err = checked.AuthgenDoctor(ctx, db)
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			var fault *checked.DatabaseFault
			if errors.As(err, &fault) {
				out.Faults = append(out.Faults, fault)
			}
		}
	} else if err != nil {
		out.Error = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
`

// lookAtDatabase runs the CheckDatabase method of the package on a database, in the
// developer's module and with its driver.
func (c *cli) lookAtDatabase(in *instance, source string) ([]doctor.Finding, error) {
	if err := in.refuseOtherVersion(); err != nil {
		return nil, err
	}
	source, err := in.dataSource(source)
	if err != nil {
		return nil, err
	}
	driver := answers.DriverNamed(in.answers.Driver)
	dir := path.Join(in.dir, "authgendoctor")
	out, err := gocmd.RunProgram(in.project.Root, dir, map[string][]byte{
		path.Join(in.dir, "authgen_doctor.go"): fmt.Appendf(nil, databaseEntry, in.answers.PackageName),
		path.Join(dir, "main.go"):              fmt.Appendf(nil, databaseProgram, driver.Import, path.Join(in.project.Module, in.dir), driver.Opens, databaseVariable),
	}, []string{databaseVariable + "=" + source})
	if errors.Is(err, prompt.ErrInterrupt) {
		return nil, err
	}
	if err != nil {
		return nil, failf("it takes a package and a module that build", "%s", redact(err.Error(), source))
	}
	var result struct {
		Faults []struct{ ID, Fault, Remedy string }
		Error  string
	}
	if err := json.Unmarshal(out, &result); err != nil {
		return nil, fmt.Errorf("doctor: the program that checks the database: %w", err)
	}
	if result.Error != "" {
		return nil, failf("give the URL as the application opens it; driver.go in "+in.dir+" has an example", "--database: %s", redact(result.Error, source))
	}
	var found []doctor.Finding
	for _, f := range result.Faults {
		found = append(found, doctor.Finding{ID: f.ID, Text: f.Fault, Remedy: f.Remedy})
	}
	return found, nil
}

// variableName matches names of environment variables.
var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// dataSource returns the data source name that the flag stands for. The name of a file
// becomes absolute. The error is about a file that does not exist, which the driver would
// create.
func (in *instance) dataSource(given string) (string, error) {
	if variableName.MatchString(given) {
		value, ok := os.LookupEnv(given)
		if !ok {
			return "", failf("give a URL, or the name of a variable that holds one", "--database: the variable %s is not set", given)
		}
		given = value
	}
	if answers.DatabaseNamed(in.answers.Database).Server != "" {
		return given, nil
	}
	if scheme, _, ok := strings.Cut(given, "://"); ok && scheme != "file" {
		return "", failf("give the data source name that the application opens", "--database: the package uses %s, and a URL with %q is for another database",
			answers.DatabaseNamed(in.answers.Database).Title, scheme+"://")
	}
	scheme, rest := "", given
	if after, ok := strings.CutPrefix(given, "file:"); ok {
		scheme, rest = "file:", after
	}
	name, query, hasQuery := strings.Cut(rest, "?")
	if name == "" || name == ":memory:" {
		return "", failf("give the name of its file", "--database: a database in memory belongs to one process")
	}
	abs, err := filepath.Abs(strings.TrimPrefix(name, "//"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(abs); err != nil {
		return "", failf("give the data source name that the application opens", "--database: %w", err)
	}
	if hasQuery {
		query = "?" + query
	}
	return scheme + filepath.ToSlash(abs) + query, nil
}

// passwords match the passwords in data source names: of a URL, of a DSN of MySQL, and of
// settings.
var passwords = []*regexp.Regexp{
	regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[^:/?#]*:(.*)@`),
	regexp.MustCompile(`^[^:/]*:(.*)@`),
	regexp.MustCompile(`(?i)password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]+)`),
}

// redact replaces in a text the data source name, and the passwords in it, as they are
// there and decoded.
func redact(text, source string) string {
	const instead = "xxxxx"
	var secrets []string
	for _, re := range passwords {
		for _, m := range re.FindAllStringSubmatch(source, -1) {
			secret := strings.Trim(m[1], "'")
			secrets = append(secrets, secret)
			for _, decode := range []func(string) (string, error){url.PathUnescape, url.QueryUnescape} {
				if decoded, err := decode(secret); err == nil {
					secrets = append(secrets, decoded)
				}
			}
		}
	}
	text = strings.ReplaceAll(text, source, instead)
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, instead)
		}
	}
	return text
}
