package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/older"
)

func TestMain(m *testing.M) {
	// The tests build the same packages in many temporary directories. With -trimpath, the
	// go command compiles each only once.
	if flags := os.Getenv("GOFLAGS"); !strings.Contains(flags, "-trimpath") {
		os.Setenv("GOFLAGS", strings.TrimSpace(flags+" -trimpath"))
	}
	// Under the race detector each command would sleep for a second when it exits.
	os.Setenv("GORACE", "atexit_sleep_ms=10")
	// The tests wait for commands and for the disk, and most of those commands use only one
	// processor at a time.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"authgen": main})
}

func TestScript(t *testing.T) {
	t.Parallel()
	goEnv := goEnv(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			// The go command of the scripts takes its modules from the cache.
			for _, v := range goEnv {
				env.Setenv(v[0], v[1])
			}
			env.Setenv("VERSION", generator.Version)
			env.Setenv("OLDER", older.Version)
			env.Setenv("TERM", "xterm")
			env.Setenv("NO_COLOR", "1")
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"keys":     keys,
			"tree":     tree,
			"crlf":     crlf,
			"sample":   writeSample(sampleProject),
			"older":    writeSample(olderProject),
			"edit":     edit,
			"dropline": dropLine,
			"relock":   relock,
		},
	})
}

// goEnv returns the environment that the go command needs to find its caches.
func goEnv(t *testing.T) [][2]string {
	t.Helper()
	names := []string{"GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GOTOOLCHAIN"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	env := [][2]string{{"HOME", os.Getenv("HOME")}}
	for i, value := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		env = append(env, [2]string{names[i], value})
	}
	return env
}

// keys replaces the names of keys in files with what a terminal sends for them, and
// drops the line breaks.
//
// A control key is sent after a Ctrl-V, so that the terminal takes it literally until the
// command reads keys.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: keys file...")
	}
	sent := map[string]string{
		"<up>": "\x1b[A", "<down>": "\x1b[B", "<right>": "\x1b[C", "<left>": "\x1b[D",
		"<enter>": "\r", "<space>": " ", "<esc>": "\x1b", "<home>": "\x1b[1~", "<end>": "\x1b[F", "<backspace>": "\x16\x7f", "<ctrl-c>": "\x16\x03", "<ctrl-u>": "\x16\x15",
	}
	for _, name := range args {
		in := strings.ReplaceAll(ts.ReadFile(name), "\n", "")
		out := regexp.MustCompile(`<[^>]*>`).ReplaceAllStringFunc(in, func(key string) string {
			if sent[key] == "" {
				ts.Fatalf("keys: %s: no key is named %s", name, key)
			}
			return sent[key]
		})
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(out), 0o666))
	}
}

// tree writes the path, mode, time and hash of each file in a directory to a file.
func tree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tree dir file")
	}
	root := ts.MkAbs(args[0])
	var b strings.Builder
	ts.Check(filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			fmt.Fprintf(&b, "%s %v\n", rel, info.Mode())
			return nil
		}
		data, err := os.ReadFile(name)
		fmt.Fprintf(&b, "%s %v %v %x\n", rel, info.Mode(), info.ModTime().UnixNano(), sha256.Sum256(data))
		return err
	}))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o666))
}

// crlf gives the files below a directory the line endings of a checkout on Windows.
func crlf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: crlf dir")
	}
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(name, []byte(strings.ReplaceAll(string(data), "\n", "\r\n")), 0o666)
	}))
}

// writeSample returns the command that writes the project of an example, which a function
// makes, to a directory.
func writeSample(project func(example string) (fstest.MapFS, error)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 2 {
			ts.Fatalf("usage: sample example dir, or older example dir")
		}
		files, err := project(args[0])
		ts.Check(err)
		ts.Check(os.CopyFS(ts.MkAbs(args[1]), files))
	}
}

// edit replaces a text that occurs in a file exactly once. In both texts, \n and \t have
// the same meaning as in Go.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit file old new")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(replaceOnce(ts, args)), 0o666))
}

// relock is edit for an authgen.lock. It also corrects the checksum.
func relock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: relock file old new")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), older.Seal([]byte(replaceOnce(ts, args))), 0o666))
}

// replaceOnce returns the text of the file args[0] with args[1] replaced by args[2].
func replaceOnce(ts *testscript.TestScript, args []string) string {
	unquote := strings.NewReplacer(`\n`, "\n", `\t`, "\t")
	text, old := ts.ReadFile(args[0]), unquote.Replace(args[1])
	if n := strings.Count(text, old); n != 1 {
		ts.Fatalf("%s: %q occurs %d times, not once", args[0], old, n)
	}
	return strings.Replace(text, old, unquote.Replace(args[2]), 1)
}

// dropLine drops the only line of a file that contains a text.
func dropLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: dropline file text")
	}
	var kept strings.Builder
	dropped := 0
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if strings.Contains(line, args[1]) {
			dropped++
			continue
		}
		kept.WriteString(line)
	}
	if dropped != 1 {
		ts.Fatalf("%s: %q is in %d lines, not in one", args[0], args[1], dropped)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(kept.String()), 0o666))
}
