package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/gocmd"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// goPackage returns the package as the go command has to know it.
func (in *instance) goPackage() gocmd.Package {
	return gocmd.Package{Root: in.project.Root, Module: in.project.Module, Dir: in.dir, Migrations: in.answers.MigrationsDir, Rest: true}
}

// prove builds and tests the package as it would be with a plan applied.
func (c *cli) prove(in *instance, plan *plan.Plan) (gocmd.Result, error) {
	if cgo := in.needsCgo(); cgo != "" {
		return gocmd.Result{}, failf("install a C compiler and set CGO_ENABLED=1; --no-verify writes without checking", "nothing was written: %s, so the tests cannot pass", cgo)
	}
	skipped := ""
	if answers.DatabaseNamed(in.answers.Database).Server != "" && os.Getenv("TEST_DATABASE_URL") == "" {
		skipped = "; TEST_DATABASE_URL is not set, so tests that need a database are skipped"
	}
	c.say("checking the result with go build, go vet and go test%s", skipped)
	result, err := gocmd.Prove(in.goPackage(), plan)
	return result, in.goFailure(plan, err)
}

// needsCgo returns why the package cannot work without cgo, "" if it can or if cgo is on.
func (in *instance) needsCgo() string {
	driver := answers.DriverNamed(in.answers.Driver)
	if !driver.Cgo {
		return ""
	}
	env, err := gocmd.Env(in.project.Root, "CGO_ENABLED")
	if err != nil || env[0] != "0" {
		return ""
	}
	return driver.Name + " needs cgo, which is off: go env CGO_ENABLED is 0"
}

// require adds to the plan the go.mod and go.sum with all that the package needs. See
// [gocmd.Require].
func (c *cli) require(in *instance, missing []project.Module, plan *plan.Plan) ([]project.Raised, error) {
	c.say("adding what the package needs to go.mod; modules that are not here yet are downloaded")
	raised, err := gocmd.Require(in.goPackage(), missing, plan)
	for _, r := range raised {
		c.say("go.mod: %s rises from %s to %s, which the package needs", r.Path, r.From, r.To)
	}
	return raised, in.goFailure(plan, err)
}

// tidy adds to the plan of a new module its go.mod and go.sum. See [gocmd.Tidy].
func (c *cli) tidy(root string, mod []byte, missing []project.Module, plan *plan.Plan) error {
	c.say("running go mod tidy")
	return gocmd.Tidy(root, mod, missing, plan)
}

// writable returns an error if the plan cannot be written.
func (in *instance) writable(plan *plan.Plan) error {
	root, err := os.OpenRoot(in.project.Root)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := plan.Check(root); err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	return nil
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

// goFailure converts a *gocmd.Error about the result of a plan to a failure with an exit
// status.
func (in *instance) goFailure(plan *plan.Plan, err error) error {
	refused, ok := errors.AsType[*gocmd.Error](err)
	if !ok {
		return err
	}
	hint, status := refused.Hint, exitTrouble
	if refused.Modules {
		hint = "run " + goGet(plan, in.modules()) + " and try again; --no-verify writes anyway"
	}
	if refused.Unproven {
		status = exitUnproven
	}
	return &failure{errorList(refused.Problems), hint, status}
}
