package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/cmd/authgen/internal/gocmd"
	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

var restoreCommand = command{
	name:    "restore",
	args:    "FILE",
	summary: "bring back a file, or authgen.lock",
	detail: `Brings back a file that you deleted and, with --discard-edits, one that you edited.
A generated file that you took over is generated again, and so are its unit tests.

authgen restore authgen.lock repairs a lock that was lost or damaged, or in which git
left conflict markers: from the two sides of the conflict, from the history of git, or
with the version of authgen that wrote it, which needs the network unless it is in the
module cache. The result must fit the existing files; otherwise nothing is written.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		o := proofFlags(flags)
		discard := flags.Bool("discard-edits", false, "bring the file back although you edited it")
		return func(c *cli, args []string) error {
			if len(args) != 1 {
				return usageError("restore", "give one file to bring back")
			}
			if filepath.Base(args[0]) == plan.LockFile {
				return c.restoreLock(o.selection, args[0])
			}
			return c.restore(o, args[0], *discard)
		}
	},
}

// restore brings back one file.
func (c *cli) restore(o *changeOptions, file string, discard bool) error {
	in, err := o.selection.openOne("restore")
	if err != nil {
		return err
	}
	if err := in.refuseOtherVersion(); err != nil {
		return err
	}
	if err := in.refuseUnresolved(); err != nil {
		return err
	}
	name, err := in.path(o.selection.dir, file)
	if err != nil {
		return err
	}
	if in.base.Class(name) == emit.Migration {
		return failf("get it back from version control", "%s: a migration is written once", file)
	}
	wasOwned := in.base.Owned(name)
	p, err := in.plan(plan.Options{
		Only:    func(s plan.Step) bool { return s.Path == name || wasOwned && s.Tests == name },
		Restore: map[string]bool{name: true},
		Discard: discard,
	})
	if err != nil {
		return err
	}
	for _, s := range p.Steps {
		switch {
		case s.Path != name && !(wasOwned && s.Tests == name):
		case s.Action == plan.Keep, s.Action == plan.Merge, s.Action == plan.Conflicts, s.Action == plan.Edited:
			return failf("authgen diff shows them; --discard-edits brings it back without them", "%s: it has your edits", p.InModule(s))
		case s.Action == plan.Identical && s.Path == name:
			c.say("%s is as it was emitted", p.InModule(s))
		}
	}
	return c.carryOut(in, p, o)
}

// restoreLock repairs a lost or damaged lock.
func (c *cli) restoreLock(sel *selection, file string) error {
	project, err := loadProject(sel.dir)
	if err != nil {
		return err
	}
	at := filepath.Dir(file)
	if !filepath.IsAbs(at) {
		at = filepath.Join(sel.dir, at)
	}
	dirs, err := instancesAt(project, at)
	if err != nil {
		return err
	}
	if len(dirs) != 1 {
		return failf("name the lock by its path, such as internal/auth/authgen.lock", "this module has %d packages", len(dirs))
	}
	a, text, err := readAnswers(project, dirs[0])
	if err != nil {
		return err
	}
	in := &instance{project: project, dir: dirs[0], answers: a, file: text}
	name := path.Join(in.dir, plan.LockFile)
	locked, err := os.ReadFile(in.abs(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := plan.ReadBase(os.DirFS(project.Root), in.dir); err == nil && locked != nil {
		return failf(in.command("check")+" looks at the files", "%s: it is not damaged", name)
	}
	found, from, err := c.findLock(in, locked)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(project.Root)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := plan.WriteLock(root, in.dir, locked, found); err != nil {
		return err
	}
	c.say("restored  %s, from %s", name, from)
	return nil
}

// findLock searches for an undamaged lock, in the likeliest place first, and says
// where it was.
func (c *cli) findLock(in *instance, text []byte) (found []byte, from string, err error) {
	name := path.Join(in.dir, plan.LockFile)
	var tried errorList
	module := os.DirFS(in.project.Root)
	resolved, err := plan.ResolveLock(text, in.sides(name))
	if err == nil {
		err = plan.LockFits(module, in.dir, resolved)
	}
	if err == nil {
		return resolved, "the two sides of git's conflict", nil
	}
	if text != nil {
		tried = append(tried, fmt.Errorf("the sides of a conflict in git: %w", err))
	}
	revisions := in.history(name)
	for _, old := range revisions {
		if plan.LockFits(module, in.dir, old) == nil {
			return old, "the history of git", nil
		}
	}
	tried = append(tried, fmt.Errorf("the history of git: none of %d versions of the file fits the existing files", len(revisions)))
	for _, v := range in.versions(text) {
		old, err := c.olderTree(in, v)
		var text []byte
		if err == nil {
			text, err = plan.LockFor(module, in.answers, old[name])
		}
		if err == nil {
			err = plan.LockFits(module, in.dir, text)
		}
		if err == nil {
			return text, "authgen " + v, nil
		}
		tried = append(tried, fmt.Errorf("authgen %s: %w", v, err))
	}
	problems := errorList{fmt.Errorf("%s: no earlier copy could be found", name)}
	return nil, "", withHint("nothing was written; get it from version control or a backup; "+
		"otherwise move the package's files away, run authgen generate, and redo your edits", append(problems, tried...))
}

// versions returns the versions of authgen that may have written a lock, the likeliest
// first.
func (in *instance) versions(text []byte) []string {
	var list []string
	for _, v := range []string{plan.LockVersion(text), in.project.Requires["github.com/authgen/authgen"].Version, generator.Version} {
		if semver.IsValid(v) && !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// abs returns the absolute path of a file of the module.
func (in *instance) abs(inModule string) string {
	return filepath.Join(in.project.Root, filepath.FromSlash(inModule))
}

// sides returns the versions that git has of a file in conflict: the merge base, ours
// and theirs.
func (in *instance) sides(name string) (sides [3][]byte) {
	for i := range sides {
		sides[i], _ = in.git("show", fmt.Sprintf(":%d:./%s", i+1, name))
	}
	return sides
}

// git runs a git command in the root of the module, and returns its standard output.
func (in *instance) git(args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = in.project.Root
	return cmd.Output()
}

// history returns the versions of a file of the module in git, the latest first: that in
// the index, and those in up to fifty commits. It is empty without git.
func (in *instance) history(name string) [][]byte {
	var texts [][]byte
	show := func(revision string) {
		if out, err := in.git("show", revision+":./"+name); err == nil {
			texts = append(texts, out)
		}
	}
	out, err := in.git("log", "--format=%H", "-n50", "--", name)
	if err != nil {
		return nil
	}
	show("") // the index
	for revision := range strings.FieldsSeq(string(out)) {
		show(revision)
	}
	return texts
}

// olderTree returns the files that a version of authgen writes for the answers into an
// empty module, by path. The go command downloads and runs a version other than this
// one.
func (c *cli) olderTree(in *instance, version string) (map[string][]byte, error) {
	// A lock may come from anybody, and the version that it names is run.
	if !semver.IsValid(version) || module.IsPseudoVersion(version) || semver.Build(version) != "" || semver.Compare(version, generator.Version) > 0 {
		return nil, fmt.Errorf("%q is not a release of authgen up to %s", version, generator.Version)
	}
	scratch, err := os.MkdirTemp("", "authgen-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	mod := fmt.Sprintf("module %s\n\ngo %s\n", in.project.Module, in.project.GoVersion)
	if in.project.Tool {
		mod += "\ntool github.com/authgen/authgen/cmd/authgen\n"
	}
	dir := filepath.Join(scratch, filepath.FromSlash(in.dir))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	asked, err := in.answers.FormatLike(in.file) // an older version may not know other keys
	if err != nil {
		return nil, err
	}
	for name, text := range map[string][]byte{
		filepath.Join(scratch, "go.mod"):     []byte(mod),
		filepath.Join(dir, answers.FileName): asked,
	} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return nil, err
		}
	}
	if version == generator.Version {
		quiet := &cli{stdout: c.stdout, stderr: new(strings.Builder), open: c.open}
		o := &changeOptions{selection: &selection{dir: scratch}, noVerify: true}
		if err := quiet.generate(o); err != nil {
			return nil, err
		}
	} else {
		c.say("running authgen %s", version)
		if out, err := gocmd.Run(scratch, []string{"GOWORK=off"}, "go", "run", "github.com/authgen/authgen/cmd/authgen@"+version, "generate"); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, out)
		}
	}
	files := make(map[string][]byte)
	err = fs.WalkDir(os.DirFS(scratch), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files[name], err = os.ReadFile(filepath.Join(scratch, filepath.FromSlash(name)))
		return err
	})
	return files, err
}
