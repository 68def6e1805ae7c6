package main

import (
	"errors"
	"os"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/gocmd"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// prove builds and tests the package as it would be with a plan applied.
func (c *cli) prove(in *instance, plan *plan.Plan) error {
	skipped := ""
	if answers.DatabaseNamed(in.answers.Database).Server != "" && os.Getenv("TEST_DATABASE_URL") == "" {
		skipped = "; TEST_DATABASE_URL is not set, so tests that need a database are skipped"
	}
	c.say("checking the result with go build, go vet and go test%s", skipped)
	return goFailure(gocmd.Prove(gocmd.Package{Root: in.project.Root, Dir: in.dir, Migrations: in.answers.MigrationsDir}, plan))
}

// tidy adds to the plan the go.mod and go.sum that go mod tidy writes. See [gocmd.Tidy].
func (c *cli) tidy(root string, mod []byte, missing []project.Module, plan *plan.Plan) error {
	c.say("running go mod tidy")
	return goFailure(gocmd.Tidy(root, mod, missing, plan))
}

// missingModules returns the modules that the project has to require for a package that
// the answers describe. See [project.Project.Missing].
func missingModules(p *project.Project, a answers.Answers) ([]project.Module, error) {
	missing, err := p.Missing(project.Modules(a)...)
	if old, ok := errors.AsType[*project.OldError](err); ok {
		return nil, withHint("nothing was written; run "+strings.Join(old.Commands, ", then "), errorList(old.Problems))
	}
	return missing, err
}

// goFailure converts a *gocmd.Error to a failure with an exit status.
func goFailure(err error) error {
	refused, ok := errors.AsType[*gocmd.Error](err)
	if !ok {
		return err
	}
	status := exitTrouble
	if refused.Unproven {
		status = exitUnproven
	}
	return &failure{errorList(refused.Problems), refused.Hint, status}
}
