package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const stage = "internal/auth/.authgen"

// project creates a tree with every kind of file and directory that matters to a change.
func project(t *testing.T) *os.Root {
	t.Helper()
	root := emptyProject(t)
	for _, dir := range []struct {
		name string
		mode fs.FileMode
	}{{"keep", 0o750}, {"gone", 0o700}, {"gone/deep", 0o770}, {"empty", 0o755}} {
		if err := errors.Join(root.Mkdir(dir.name, 0o700), root.Chmod(dir.name, dir.mode)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []struct {
		name, data string
		mode       fs.FileMode
	}{
		{"authgen.lock", "lock 1\n", 0o644},
		{"a.txt", "a\n", 0o600},
		{"run.sh", "#!/bin/sh\n", 0o755},
		{"keep/target.txt", "target\n", 0o640},
		{"gone/deep/x.txt", "x\n", 0o660},
		{"gone/deep/y.txt", "y\n", 0o644},
	} {
		if err := errors.Join(root.WriteFile(file.name, []byte(file.data), 0o600), root.Chmod(file.name, file.mode)); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link": "dir/../hop", "hop": "keep/target.txt", "dir": "keep"} {
		if err := root.Symlink(target, link); err != nil {
			t.Skip(err) // Windows without the privilege
		}
	}
	return root
}

func emptyProject(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// planned returns changes of every kind, planned for the tree on disk.
func planned(t *testing.T, root *os.Root) []Change {
	t.Helper()
	changes := []Change{
		{Path: "a.txt", Data: []byte("a, again\n")},
		{Path: "gone/deep/x.txt", Remove: true},
		{Path: "new/dir/n.txt", Data: []byte("n\n")},
		{Path: "run.sh", Data: []byte{}},
		{Path: "internal/auth/auth.go", Data: []byte("package auth\n"), Mode: 0o600},
		{Path: "link", Data: []byte("target, through a link\n")},
		{Path: "gone/deep/y.txt", Remove: true},
		{Path: "dir/new.txt", Data: []byte("new, through a link\n")},
		{Path: "authgen.lock", Data: []byte("lock 2\n")},
	}
	for i := range changes {
		c := &changes[i]
		data, err := root.ReadFile(c.Path)
		if err == nil {
			c.Old, c.OldExists = data, true
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Remove && !c.OldExists })
}

// snapshot maps each path to its mode and its content or target.
func snapshot(t *testing.T, root *os.Root) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := ""
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			content, err = root.Readlink(name)
		case info.Mode().IsRegular():
			var data []byte
			data, err = root.ReadFile(name)
			content = string(data)
		}
		tree[name] = info.Mode().String() + " " + content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func same(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

// oldAndNew returns what the tree must be before and after the changes.
func oldAndNew(t *testing.T) (before, after map[string]string) {
	t.Helper()
	root := project(t)
	before = snapshot(t, root)
	if err := Apply(root, stage, planned(t, root)); err != nil {
		t.Fatal(err)
	}
	return before, snapshot(t, root)
}

func TestApply(t *testing.T) {
	before, got := oldAndNew(t)

	// The modes that the umask leaves.
	probe := emptyProject(t)
	if err := errors.Join(probe.WriteFile("file", nil, 0o644), probe.WriteFile("secret", nil, 0o600), probe.Mkdir("dir", 0o755)); err != nil {
		t.Fatal(err)
	}
	plain := snapshot(t, probe)

	want := map[string]string{}
	for name, content := range before {
		want[name] = content
	}
	rewrite := func(name, content string) {
		mode, _, _ := strings.Cut(before[name], " ")
		want[name] = mode + " " + content
	}
	rewrite("a.txt", "a, again\n")
	rewrite("run.sh", "")
	rewrite("keep/target.txt", "target, through a link\n")
	rewrite("authgen.lock", "lock 2\n")
	want["keep/new.txt"] = plain["file"] + "new, through a link\n"
	want["new/dir/n.txt"] = plain["file"] + "n\n"
	want["internal/auth/auth.go"] = plain["secret"] + "package auth\n"
	for _, dir := range []string{"new", "new/dir", "internal", "internal/auth"} {
		want[dir] = plain["dir"]
	}
	for _, name := range []string{"gone", "gone/deep", "gone/deep/x.txt", "gone/deep/y.txt"} {
		delete(want, name)
	}
	same(t, "after Apply", want, got)
}

func TestApplyOrder(t *testing.T) {
	root := project(t)
	var renamed []string
	d := disk{root: root, step: func(op, name string) error {
		if op == "rename" {
			renamed = append(renamed, name)
		}
		return nil
	}}
	if err := apply(d, stage, planned(t, root)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		stage + "/journal", "a.txt", stage + "/old-1", "new/dir/n.txt", "run.sh", "internal/auth/auth.go",
		"keep/target.txt", stage + "/old-6", "keep/new.txt", "authgen.lock",
	}
	if diff := cmp.Diff(want, renamed); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestRemoveAll removes the directory that the stage is in.
func TestRemoveAll(t *testing.T) {
	root := emptyProject(t)
	before := snapshot(t, root)
	write := Change{Path: "internal/auth/auth.go", Data: []byte("package auth\n")}
	if err := Apply(root, stage, []Change{write}); err != nil {
		t.Fatal(err)
	}
	remove := Change{Path: write.Path, Remove: true, Old: write.Data, OldExists: true}
	if err := Apply(root, stage, []Change{remove}); err != nil {
		t.Fatal(err)
	}
	same(t, "after removing all", before, snapshot(t, root))
}

func TestRefusals(t *testing.T) {
	file := func(name string) Change { return Change{Path: name, Data: []byte("x")} }
	a := Change{Path: "a.txt", Data: []byte("x"), Old: []byte("a\n"), OldExists: true}
	with := func(c Change, f func(*Change)) Change { f(&c); return c }
	for _, test := range []struct {
		name    string
		arrange func(*os.Root) error
		stage   string
		changes []Change
		want    string
	}{
		{name: "empty path", changes: []Change{file("")}, want: `"" is not a slash separated path`},
		{name: "root", changes: []Change{file(".")}, want: "not a slash separated path"},
		{name: "dot dot", changes: []Change{file("../x")}, want: `"../x" is not a slash separated path`},
		{name: "dot dot inside", changes: []Change{file("keep/../x")}, want: "not a slash separated path"},
		{name: "absolute", changes: []Change{file("/x")}, want: "not a slash separated path"},
		{name: "backslash", changes: []Change{file(`..\x`)}, want: "not a slash separated path"},
		{name: "stage out", stage: "../stage", changes: []Change{a}, want: `stage directory "../stage"`},
		{name: "stage root", stage: ".", changes: []Change{a}, want: `stage directory "."`},
		{name: "stage is a file", stage: "a.txt", changes: []Change{a}, want: "a.txt"},
		{name: "in the stage", changes: []Change{file(stage + "/x")}, want: "is in the stage directory"},
		{name: "the stage", changes: []Change{file(stage)}, want: "is in the stage directory"},
		{name: "twice", changes: []Change{a, a}, want: `"a.txt" and "a.txt" are the same file`},
		{
			name:    "twice by a link",
			changes: []Change{file("keep/new.txt"), file("dir/new.txt")},
			want:    `"keep/new.txt" and "dir/new.txt" are the same file`,
		},
		{
			name:    "file and directory",
			changes: []Change{file("new/x"), file("new")},
			want:    `"new" cannot be a file and the directory of "new/x"`,
		},
		{name: "below a file", changes: []Change{file("a.txt/x")}, want: "not a directory"},
		{name: "a directory", changes: []Change{file("keep")}, want: `"keep" is in the way`},
		{name: "changed", changes: []Change{file("new"), with(a, func(c *Change) { c.Old = []byte("b") })}, want: `"a.txt" changed while authgen was running`},
		{name: "appeared", changes: []Change{file("a.txt")}, want: `"a.txt" changed while`},
		{name: "disappeared", changes: []Change{with(a, func(c *Change) { c.Path = "new"; c.Old = nil })}, want: `"new" changed while`},
		{name: "remove nothing", changes: []Change{{Path: "new", Remove: true}}, want: "it does not exist"},
		{
			name:    "remove a link",
			changes: []Change{{Path: "link", Remove: true, Old: []byte("target\n"), OldExists: true}},
			want:    `"link" is a symbolic link`,
		},
		{
			name:    "read-only file",
			arrange: func(r *os.Root) error { return r.Chmod("a.txt", 0o444) },
			changes: []Change{file("new"), a},
			want:    `"a.txt" is read-only`,
		},
		{
			name:    "remove a read-only file",
			arrange: func(r *os.Root) error { return r.Chmod("a.txt", 0o444) },
			changes: []Change{with(a, func(c *Change) { c.Remove = true })},
			want:    `"a.txt" is read-only`,
		},
		{
			name:    "read-only directory",
			arrange: func(r *os.Root) error { return r.Chmod("keep", 0o550) },
			changes: []Change{file("new"), file("keep/sub/x")},
			want:    `directory "keep" is read-only`,
		},
		{
			name:    "link out",
			arrange: func(r *os.Root) error { return r.Symlink("../out", "out") },
			changes: []Change{file("out")},
			want:    `"out" leads out`,
		},
		{
			name:    "directory link out",
			arrange: func(r *os.Root) error { return r.Symlink("keep/../..", "out") },
			changes: []Change{file("out/x")},
			want:    `"out/x" leads out`,
		},
		{
			name:    "absolute link",
			arrange: func(r *os.Root) error { return r.Symlink(filepath.Join(r.Name(), "a.txt"), "abs") },
			changes: []Change{file("abs")},
			want:    `"abs" leads out`,
		},
		{
			name:    "stage by a link out",
			arrange: func(r *os.Root) error { return r.Symlink("..", "internal") },
			changes: []Change{a},
			want:    "leads out",
		},
		{
			name:    "link to the root",
			arrange: func(r *os.Root) error { return r.Symlink("keep/..", "here") },
			changes: []Change{file("here")},
			want:    "leads to the root",
		},
		{
			name:    "circle of links",
			arrange: func(r *os.Root) error { return errors.Join(r.Symlink("two", "one"), r.Symlink("one", "two")) },
			changes: []Change{file("one")},
			want:    "too many symbolic links",
		},
		{
			name: "foreign file in the stage",
			arrange: func(r *os.Root) error {
				return errors.Join(r.MkdirAll(stage, 0o755), r.WriteFile(stage+"/notes.txt", nil, 0o644))
			},
			changes: []Change{a},
			want:    `"internal/auth/.authgen/notes.txt" was not written by authgen`,
		},
		{
			name: "damaged journal",
			arrange: func(r *os.Root) error {
				return errors.Join(r.MkdirAll(stage, 0o755), r.WriteFile(stage+"/journal", []byte("{"), 0o644))
			},
			changes: []Change{a},
			want:    `"internal/auth/.authgen/journal" of an interrupted run is damaged`,
		},
		{
			name: "hostile journal",
			arrange: func(r *os.Root) error {
				return errors.Join(r.MkdirAll(stage, 0o755),
					r.WriteFile(stage+"/journal", []byte(`{"entries":[{"path":"../x","existed":true}]}`), 0o644))
			},
			changes: []Change{a},
			want:    `"../x" is not a path below the root`,
		},
		{
			name: "hook in the journal",
			arrange: func(r *os.Root) error {
				return errors.Join(r.MkdirAll(stage, 0o755),
					r.WriteFile(stage+"/journal", []byte(`{"entries":[{"path":".git/hooks/pre-commit"}]}`), 0o644))
			},
			changes: []Change{a},
			want:    `".git/hooks/pre-commit" is in a hidden directory`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := project(t)
			if test.arrange != nil {
				if err := test.arrange(root); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { root.Chmod("keep", 0o750) }) // so that it can be removed
			}
			if test.stage == "" {
				test.stage = stage
			}
			before := snapshot(t, root)
			_, left := root.Lstat(stage) // by an earlier run, which Check leaves to Apply
			if err := Check(root, test.stage, test.changes); left != nil && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Check: error is %v, want %q", err, test.want)
			}
			same(t, "after Check", before, snapshot(t, root))
			err := Apply(root, test.stage, test.changes)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
			same(t, "after a refusal", before, snapshot(t, root))
		})
	}
}

func TestCheck(t *testing.T) {
	root := project(t)
	before := snapshot(t, root)
	if err := Check(root, stage, planned(t, root)); err != nil {
		t.Error(err)
	}
	same(t, "after Check", before, snapshot(t, root))
}

func TestReadOnlyDirectoryOfStage(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("directory permissions do not hold here")
	}
	root := project(t)
	if err := root.Chmod(".", 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Chmod(".", 0o755) })
	if err := Apply(root, stage, planned(t, root)); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "internal") {
		t.Errorf("error is %v", err)
	}
}

// TestEditedDuringRun edits a file after it was checked.
func TestEditedDuringRun(t *testing.T) {
	for _, victim := range []string{"a.txt", "gone/deep/x.txt", "authgen.lock"} {
		root := project(t)
		before := snapshot(t, root)
		d := disk{root: root, step: func(op, name string) error {
			if op == "rename" && name == stage+"/journal" {
				return root.WriteFile(victim, []byte("edited"), 0)
			}
			return nil
		}}
		err := apply(d, stage, planned(t, root))
		if err == nil || !strings.Contains(err.Error(), strconv.Quote(victim)+" changed while") {
			t.Errorf("%s: error is %v", victim, err)
		}
		mode, _, _ := strings.Cut(before[victim], " ")
		before[victim] = mode + " edited"
		same(t, victim, before, snapshot(t, root))
	}
}

func unsynced(root *os.Root, step func(op, name string) error) disk {
	return disk{root: root, step: step, unsynced: true}
}

var errStep = errors.New("injected")

// failAt fails the nth step, or all steps from it on.
func failAt(n int, forGood bool) func(op, name string) error {
	return func(op, name string) error {
		n--
		if n == -1 || n < 0 && forGood {
			return fmt.Errorf("%s %s: %w", op, name, errStep)
		}
		return nil
	}
}

// countSteps returns the number of steps of a run.
func countSteps(run func(step func(op, name string) error)) int {
	n := 0
	run(func(string, string) error { n++; return nil })
	return n
}

func applySteps(t *testing.T) int {
	root := project(t)
	return countSteps(func(step func(op, name string) error) {
		if err := apply(unsynced(root, step), stage, planned(t, root)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestFailAtEveryStep(t *testing.T) {
	before, after := oldAndNew(t)
	failed := 0
	for n := range applySteps(t) {
		root := project(t)
		err := apply(unsynced(root, failAt(n, false)), stage, planned(t, root))
		switch {
		case errors.Is(err, errStep):
			failed++
			same(t, fmt.Sprintf("after failing at step %d (%v)", n, err), before, snapshot(t, root))
		case err != nil:
			t.Errorf("step %d: %v", n, err)
		default: // the step was one of cleaning up
			if restored, err := recoverRun(unsynced(root, nil), stage); restored || err != nil {
				t.Errorf("step %d: cleaning up: %v, %v", n, restored, err)
			}
			same(t, fmt.Sprintf("after failing to clean up at step %d", n), after, snapshot(t, root))
		}
	}
	if failed < 40 {
		t.Errorf("only %d steps failed", failed)
	}
}

func TestFailForGood(t *testing.T) {
	before, after := oldAndNew(t)
	for n := range applySteps(t) {
		root := project(t)
		want := after
		if err := apply(unsynced(root, failAt(n, true)), stage, planned(t, root)); err != nil {
			want = before
		}
		if _, err := recoverRun(unsynced(root, nil), stage); err != nil {
			t.Errorf("step %d: %v", n, err)
		}
		pruneStageParents(t, root)
		same(t, fmt.Sprintf("after failing from step %d on", n), want, snapshot(t, root))
	}
}

// TestUndoFails fails the last rename, and the first rename that undoes the others.
func TestUndoFails(t *testing.T) {
	root := project(t)
	before := snapshot(t, root)
	failing := false
	d := unsynced(root, func(op, name string) error {
		switch {
		case op == "rename" && name == "authgen.lock":
			failing = true
			return errors.New("disk full")
		case op == "rename" && failing:
			return errStep
		}
		return nil
	})
	err := apply(d, stage, planned(t, root))
	if !errors.Is(err, errStep) || !strings.Contains(err.Error(), `writing "authgen.lock": disk full; undoing`) {
		t.Errorf("error is %v", err)
	}
	if _, err := root.Lstat(stage + "/" + lockName); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lock still exists: %v", err)
	}
	if restored, err := Recover(root, stage); !restored || err != nil {
		t.Errorf("recovering: %v, %v", restored, err)
	}
	same(t, "after recovering", before, snapshot(t, root))
}

// pruneStageParents removes the empty directories that a run leaves if it ends before it
// has recorded them in the journal.
func pruneStageParents(t *testing.T, root *os.Root) {
	t.Helper()
	if err := (disk{root: root}).prune(parents(stage)); err != nil {
		t.Fatal(err)
	}
}

// killed runs f until step n and reports whether it got there.
func killed(n int, f func(step func(op, name string) error)) (reached bool) {
	type kill struct{}
	defer func() {
		if p := recover(); p != nil {
			if _, reached = p.(kill); !reached {
				panic(p)
			}
		}
	}()
	f(func(string, string) error {
		if n--; n < 0 {
			panic(kill{})
		}
		return nil
	})
	return false
}

// skipKills skips a test on systems where the lock of a run that is killed inside the test
// belongs to the process of the test.
func skipKills(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "solaris" || runtime.GOOS == "aix" {
		t.Skip("the lock is the process's")
	}
}

// TestKilledTwice kills a run at every step, and its recovery at every step.
func TestKilledTwice(t *testing.T) {
	skipKills(t)
	before, after := oldAndNew(t)
	restores := 0
	for n := range applySteps(t) {
		for m, again := 0, true; again; m++ {
			root := project(t)
			changes := planned(t, root)
			if !killed(n, func(step func(op, name string) error) { _ = apply(unsynced(root, step), stage, changes) }) {
				t.Fatalf("step %d was not reached", n)
			}
			again = killed(m, func(step func(op, name string) error) {
				if _, err := recoverRun(unsynced(root, step), stage); err != nil {
					t.Errorf("killed at %d, recovering: %v", n, err)
				}
			})
			if _, err := recoverRun(unsynced(root, nil), stage); err != nil {
				t.Errorf("killed at %d and %d, recovering: %v", n, m, err)
			}
			pruneStageParents(t, root)
			got := snapshot(t, root)
			if cmp.Equal(before, got) {
				restores++
			} else {
				same(t, fmt.Sprintf("killed at %d and %d", n, m), after, got)
			}
		}
	}
	if restores < 500 {
		t.Errorf("only %d recoveries led to the old tree", restores)
	}
}

// TestKilledThenEdited edits a file between a kill and the recovery. The edit must survive,
// and if it prevents the recovery, nothing may change.
func TestKilledThenEdited(t *testing.T) {
	skipKills(t)
	before, after := oldAndNew(t)
	refused := 0
	for n := range applySteps(t) {
		for i, c := range planned(t, project(t)) {
			root := project(t)
			killed(n, func(step func(op, name string) error) { _ = apply(unsynced(root, step), stage, planned(t, root)) })
			if _, err := root.Stat(filepath.Dir(c.Path)); err != nil || !journalled(root) {
				continue
			}
			if err := root.WriteFile(c.Path, []byte("edited"), 0o644); err != nil {
				t.Fatal(err)
			}
			torn := snapshot(t, root)
			what := fmt.Sprintf("killed at %d, edited %s", n, c.Path)
			_, err := recoverRun(unsynced(root, nil), stage)
			if data, _ := root.ReadFile(c.Path); string(data) != "edited" {
				t.Errorf("%s: the edit is lost", what)
			}
			if err == nil {
				continue
			}
			refused++
			if !strings.Contains(err.Error(), "was edited after authgen was interrupted") {
				t.Errorf("%s: %v", what, err)
			}
			got := snapshot(t, root)
			delete(torn, stage+"/lock")
			same(t, what, torn, got)

			// Do what the error suggests first.
			name, err := disk{root: root}.resolve(c.Path)
			if err := errors.Join(err, root.Remove(name)); err != nil {
				t.Fatal(err)
			}
			if _, err := recoverRun(unsynced(root, nil), stage); err != nil {
				t.Errorf("%s, moved away: %v", what, err)
			}
			got = snapshot(t, root)
			same(t, what+", moved away", before, got)
			if i == 0 && cmp.Equal(got, after) {
				t.Error("the test compares nothing")
			}
		}
	}
	if refused < 20 {
		t.Errorf("only %d edits prevented the recovery", refused)
	}
}

// TestKilledThenCheckedOut restores the old files before the recovery, as git checkout
// does. That does not count as an edit.
func TestKilledThenCheckedOut(t *testing.T) {
	skipKills(t)
	before, after := oldAndNew(t)
	for n := range applySteps(t) {
		root := project(t)
		changes := planned(t, root)
		killed(n, func(step func(op, name string) error) { _ = apply(unsynced(root, step), stage, changes) })
		if !journalled(root) {
			continue
		}
		for _, c := range changes {
			if !c.OldExists {
				continue
			}
			if err := errors.Join(root.MkdirAll(filepath.Dir(c.Path), 0o755), root.WriteFile(c.Path, c.Old, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if restored, err := recoverRun(unsynced(root, nil), stage); !restored || err != nil {
			t.Errorf("killed at %d: %v, %v", n, restored, err)
		}
		same(t, fmt.Sprintf("killed at %d", n), before, snapshot(t, root))
		if err := apply(unsynced(root, nil), stage, changes); err != nil {
			t.Errorf("killed at %d, then: %v", n, err)
		}
		same(t, fmt.Sprintf("killed at %d, then applied", n), after, snapshot(t, root))
	}
}

func journalled(root *os.Root) bool {
	_, err := root.Lstat(stage + "/" + journalName)
	return err == nil
}

// TestKilledProcess kills real processes, and runs Apply without Recover.
func TestKilledProcess(t *testing.T) {
	if dir, n, ok := strings.Cut(os.Getenv("AUTHGEN_TREE_KILL"), "@"); ok {
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		steps, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		err = apply(unsynced(root, func(string, string) error {
			if steps--; steps < 0 {
				self.Kill()
				select {}
			}
			return nil
		}), stage, planned(t, root))
		t.Fatalf("not killed: %v", err)
	}
	_, after := oldAndNew(t)
	finished := 0
	for n := range applySteps(t) {
		root := project(t)
		changes := planned(t, root)
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("AUTHGEN_TREE_KILL=%s@%d", root.Name(), n))
		out, err := cmd.CombinedOutput()
		if err == nil || bytes.Contains(out, []byte("FAIL")) {
			t.Fatalf("step %d: %v\n%s", n, err, out)
		}
		if err := apply(unsynced(root, nil), stage, changes); err != nil {
			if finished++; !strings.Contains(err.Error(), "changed while") {
				t.Errorf("killed at %d, then: %v", n, err)
			}
		}
		same(t, fmt.Sprintf("killed at %d, then applied", n), after, snapshot(t, root))
	}
	if finished > 30 {
		t.Errorf("%d runs were killed after they had finished", finished)
	}
}

func TestRecoverNothing(t *testing.T) {
	root := project(t)
	before := snapshot(t, root)
	if restored, err := Recover(root, stage); restored || err != nil {
		t.Errorf("got %v, %v", restored, err)
	}
	same(t, "after Recover", before, snapshot(t, root))
}

func TestOneRunAtATime(t *testing.T) {
	root := project(t)
	r, err := begin(disk{root: root}, stage)
	if err != nil {
		t.Fatal(err)
	}
	during := snapshot(t, root)
	want := fmt.Sprintf("another run of authgen (process %d)", os.Getpid())
	if err := Apply(root, stage, planned(t, root)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Apply: %v", err)
	}
	if _, err := Recover(root, stage); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Recover: %v", err)
	}
	if err := Check(root, stage, planned(t, root)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Check: %v", err)
	}
	same(t, "after refusing", during, snapshot(t, root))
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	r.release()
	if err := Apply(root, stage, planned(t, root)); err != nil {
		t.Errorf("after the first run: %v", err)
	}
}

// TestRunsMeet lets runs race for the same file: each successful run must build on the
// content that the previous one wrote.
func TestRunsMeet(t *testing.T) {
	const runs, wins = 4, 10
	root := emptyProject(t)
	if err := root.WriteFile("count", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range runs {
		wg.Go(func() {
			for won := 0; won < wins; {
				old, err := root.ReadFile("count")
				if err != nil {
					t.Error(err)
					return
				}
				c := Change{Path: "count", Data: append(old, '.'), Old: old, OldExists: true}
				switch err := apply(unsynced(root, nil), "a/b/.stage", []Change{c}); {
				case err == nil:
					won++
				case strings.Contains(err.Error(), "another run"), strings.Contains(err.Error(), "changed while"):
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	data, err := root.ReadFile("count")
	if err != nil {
		t.Fatal(err)
	}
	if len(data) != runs*wins {
		t.Errorf("%d runs succeeded and left %d marks", runs*wins, len(data))
	}
	if _, err := Recover(root, "a/b/.stage"); err != nil {
		t.Error(err)
	}
}
