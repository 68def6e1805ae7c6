package main

import (
	"errors"
	"flag"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var kills = flag.Int("kills", 12, "how many upgrades TestKilledUpgrade kills")

// TestKilledUpgrade kills upgrades at random moments. After the next command, the project
// must be as it was before the upgrade, or as it is after a complete one.
func TestKilledUpgrade(t *testing.T) {
	project := editedSample(t)
	dir := t.TempDir()
	writeModule(t, dir, project)
	before := contents(readModule(t, dir))
	run := startUpgrade(t, dir)
	wrote := run.until("journal")
	untilWriting := time.Since(run.start)
	run.wait()
	all := time.Since(run.start)
	after := contents(readModule(t, dir))
	if !wrote || !strings.Contains(after["internal/auth/authweb/handlers_login.go"], "<<<<<<< yours") {
		t.Fatalf("not upgraded, or without a conflict: %s", run.stderr.String())
	}

	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	var staging, renaming, old, upgraded int
	for n := range *kills {
		dir := t.TempDir()
		writeModule(t, dir, project)
		run := startUpgrade(t, dir)
		switch n % 3 {
		case 0:
			time.Sleep(time.Duration(r.Int64N(int64(all))))
		case 1:
			run.until("lock")
			time.Sleep(time.Duration(r.Int64N(int64(all-untilWriting) + 1)))
		case 2:
			run.until("journal")
			time.Sleep(time.Duration(r.Int64N(int64(5 * time.Millisecond))))
		}
		run.kill()
		switch {
		case run.exists("journal"):
			renaming++
		case run.exists("."):
			staging++
		}

		c := &cli{stdout: io.Discard, stderr: io.Discard}
		c.run([]string{"generate", "-C", dir})
		switch got := contents(readModule(t, dir)); {
		case maps.Equal(got, before):
			old++
		case maps.Equal(got, after):
			upgraded++
		default:
			t.Fatalf("kill %d: the project is neither as it was:\n%s\nnor upgraded:\n%s", n, cmp.Diff(before, got), cmp.Diff(after, got))
		}
	}
	t.Logf("%d killed, %d of them while staging files and %d while renaming them; %d are as before, %d upgraded (a run takes %v)",
		*kills, staging, renaming, old, upgraded, all.Round(time.Millisecond))
	if *kills > 2 && old == 0 {
		t.Error("all were killed too late")
	}
}

// editedSample returns a project of an older version with edits, one of which conflicts
// with a change of this version.
func editedSample(t testing.TB) fstest.MapFS {
	t.Helper()
	project, err := olderProject("nethttp-database")
	if err != nil {
		t.Fatal(err)
	}
	module := maps.Clone(project)
	for name, edit := range map[string]func(string) string{
		"handlers_login.go": func(text string) string { return "// Mine.\n" + text[strings.Index(text, "\n")+1:] },
		"data.go":           func(text string) string { return text + "\n// mine is a function.\nfunc mine() {}\n" },
		"routes.go":         func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") },
	} {
		name = "internal/auth/authweb/" + name
		f := module[name]
		module[name] = &fstest.MapFile{Data: []byte(edit(string(f.Data))), Mode: f.Mode}
	}
	return module
}

func writeModule(t testing.TB, dir string, module fstest.MapFS) {
	t.Helper()
	if err := os.CopyFS(dir, module); err != nil {
		t.Fatal(err)
	}
}

// readModule returns all files and directories below a directory.
func readModule(t testing.TB, dir string) fstest.MapFS {
	t.Helper()
	module, err := readFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	return module
}

func readFiles(dir string) (fstest.MapFS, error) {
	module := make(fstest.MapFS)
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f := &fstest.MapFile{Mode: info.Mode()}
		if !d.IsDir() {
			f.Data, err = fs.ReadFile(root, name)
		}
		module[name] = f
		return err
	})
	return module, err
}

// contents returns the mode and the text of each file in a module.
func contents(module fstest.MapFS) map[string]string {
	all := make(map[string]string)
	for name, f := range module {
		all[name] = f.Mode.String() + "\n" + string(f.Data)
	}
	return all
}

// upgradeRun is a process that upgrades.
type upgradeRun struct {
	*exec.Cmd
	start  time.Time
	stage  string // where it writes first
	stderr strings.Builder
	ended  chan error
}

func startUpgrade(t *testing.T, dir string) *upgradeRun {
	t.Helper()
	// TestMain makes sure that this is the binary of the tests.
	run := &upgradeRun{
		Cmd:   exec.Command("authgen", "upgrade", "--no-verify", "--conflict=markers", "-C", dir),
		stage: filepath.Join(dir, "internal", "auth", ".authgen"),
		ended: make(chan error, 1),
	}
	run.Stderr = &run.stderr
	run.start = time.Now()
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { run.ended <- run.Wait() }()
	return run
}

// until waits until the stage has a file, and reports whether it appeared before the
// process ended.
func (r *upgradeRun) until(name string) bool {
	for !r.exists(name) {
		select {
		case err := <-r.ended:
			r.ended <- err
			return false
		default:
			time.Sleep(50 * time.Microsecond)
		}
	}
	return true
}

// exists reports whether the stage has a file.
func (r *upgradeRun) exists(name string) bool {
	_, err := os.Lstat(filepath.Join(r.stage, name))
	return !errors.Is(err, fs.ErrNotExist)
}

func (r *upgradeRun) wait() { <-r.ended }

func (r *upgradeRun) kill() {
	_ = r.Process.Kill() // the process may have ended
	r.wait()
}
