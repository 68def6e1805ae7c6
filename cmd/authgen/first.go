package main

import (
	"errors"

	"github.com/authgen/authgen/cmd/authgen/internal/gocmd"
	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// firstCheck is how a new package is checked before it is written.
type firstCheck struct {
	missing  []project.Module // that go.mod lacks
	tidy     bool             // whether to add what the package needs to go.mod
	noVerify bool
	// mayTidy asks whether to add what the package needs after all. It is nil if
	// nobody may be asked.
	mayTidy func() (bool, error)
}

// checkFirst builds a new package as if its plan had been applied. It adds to the plan what
// go.mod lacks, if the check says so, and sets tidy of the check to whether it did. The
// result says what else the developer has to do before the package builds.
func (c *cli) checkFirst(in *instance, plan *plan.Plan, check *firstCheck) (gocmd.Result, error) {
	var none gocmd.Result
	if err := in.writable(plan); err != nil {
		return none, err
	}
	// A new package cannot break the others, unless what it needs raises a version.
	pkg := in.goPackage()
	pkg.New, pkg.Rest = true, false
	if check.tidy {
		raised, err := c.require(in, check.missing, plan)
		pkg.Rest = len(raised) > 0
		switch {
		case err == nil:
			if err := in.writable(plan); err != nil { // go.mod too
				return none, err
			}
		case !check.noVerify, errors.Is(err, prompt.ErrInterrupt):
			return none, err
		default:
			c.say("authgen: go.mod stays as it is: %v", err)
			check.tidy = false
		}
	}
	if cgo := in.needsCgo(); cgo != "" {
		c.say("%s: an application built like that stops with an error when it uses the database", cgo)
	}
	switch {
	case check.noVerify && in.project.Vendored:
		return gocmd.Result{Vendor: "go mod vendor"}, nil // it may lack something
	case check.noVerify:
		return none, nil
	case !check.tidy && len(check.missing) > 0:
		return none, failf("run "+goGet(plan, check.missing)+" first, or give --tidy to add it; --no-verify writes anyway",
			"nothing was written: the package needs %s, which go.mod does not have", moduleList(check.missing, " ", ", "))
	}
	c.say("building the package with your go.mod; this takes longer the first time")
	result, err := gocmd.Prove(pkg, plan)
	if refused, ok := errors.AsType[*gocmd.Error](err); ok && refused.Modules && check.mayTidy != nil && !check.tidy {
		c.say("%v", err)
		switch yes, err := check.mayTidy(); {
		case err != nil:
			return none, err
		case yes:
			check.tidy, check.mayTidy = true, nil
			return c.checkFirst(in, plan, check)
		}
	}
	return result, in.goFailure(plan, err)
}

// mayTidy returns a function that asks whether to add what the package needs to go.mod.
func mayTidy(p prompt.Prompter) func() (bool, error) {
	return func() (bool, error) {
		return p.Confirm(prompt.Question{
			Text: "Add what the package needs to go.mod?",
			Help: "nothing else changes there; modules may be downloaded, and without them the package is not written",
		}, true)
	}
}

// withAnswers adds to an error the command that gives the answers again.
func withAnswers(err error, command string) error {
	hint := "the answers were: " + command
	switch f, ok := errors.AsType[*failure](err); {
	case ok && f.hint != "":
		return &failure{f.err, f.hint + "; " + hint, f.status}
	case ok:
		return &failure{f.err, hint, f.status}
	}
	return withHint(hint, err)
}
