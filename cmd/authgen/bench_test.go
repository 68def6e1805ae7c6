package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bigModule creates a module with 400 files, and changes to its directory.
func bigModule(b *testing.B) {
	b.Helper()
	dir := b.TempDir()
	write := func(name, text string) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	write("go.mod", "module example.com/app\n\ngo 1.26.0\n")
	for i := range 400 {
		text := fmt.Sprintf("package p%d\n\nimport \"net/http\"\n\n", i%20)
		for j := range 20 {
			text += fmt.Sprintf("// Serve%[1]d%[2]d answers.\nfunc Serve%[1]d%[2]d(w http.ResponseWriter, r *http.Request) {\n\thttp.NotFound(w, r)\n}\n\n", i, j)
		}
		write(fmt.Sprintf("internal/p%d/f%d.go", i%20, i), text)
	}
	b.Chdir(dir)
}

// mustRun runs a command that must succeed.
func mustRun(b *testing.B, args ...string) {
	b.Helper()
	c := &cli{stdout: io.Discard, stderr: io.Discard}
	if status := c.run(args); status != exitDone {
		b.Fatalf("authgen %v: exit status %d", args, status)
	}
}

func BenchmarkInit(b *testing.B) {
	bigModule(b)
	for b.Loop() {
		mustRun(b, "init", "--yes", "--tidy=false", "--no-verify")
		b.StopTimer()
		if err := os.RemoveAll("internal/auth"); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkGenerateNothing(b *testing.B) {
	bigModule(b)
	mustRun(b, "init", "--yes", "--tidy=false", "--no-verify")
	for b.Loop() {
		mustRun(b, "generate")
	}
}

// BenchmarkUpgrade upgrades a package of an older version with edits in ten files. It
// spends most of its time waiting for the disk.
func BenchmarkUpgrade(b *testing.B) {
	older, err := olderProject("nethttp-database")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	writeModule(b, dir, older)
	b.Chdir(dir)
	mustRun(b, "own", "account.go", "login.go", "password.go", "session.go", "users.go")
	for i, name := range []string{
		"account.go", "login.go", "password.go", "session.go", "users.go",
		"authweb/data.go", "authweb/handlers_account.go", "authweb/handlers_login.go", "authweb/handlers_users.go", "authweb/routes.go",
	} {
		f, err := os.OpenFile(filepath.Join("internal", "auth", filepath.FromSlash(name)), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			b.Fatal(err)
		}
		_, err = fmt.Fprintf(f, "\n// mine%d is new.\nfunc mine%[1]d() {}\n", i)
		if err := errors.Join(err, f.Close()); err != nil {
			b.Fatal(err)
		}
	}
	project := readModule(b, ".")
	for b.Loop() {
		mustRun(b, "upgrade", "--no-verify")
		b.StopTimer()
		if err := os.RemoveAll("internal"); err != nil {
			b.Fatal(err)
		}
		for name, f := range project {
			if !strings.HasPrefix(name, "internal/") || f.Mode.IsDir() {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(name, f.Data, f.Mode); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
	}
}
