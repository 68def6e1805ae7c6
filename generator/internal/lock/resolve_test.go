package lock

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// branches are a lock and its versions on two branches.
type branches struct{ base, ours, theirs *Lock }

// fork returns branches that all have the same lock with ten files.
func fork() branches {
	one := func() *Lock {
		l := empty()
		l.upgrade("v0.1.0")
		for i := range 4 {
			l.Files = append(l.Files, yours(fmt.Sprintf("a%d.go", i), fmt.Sprintf("package auth\n\n// File %d.\n\n\n\n\nfunc a%d() {\n\tstep()\n}\n", i, i)))
		}
		for i := range 5 {
			l.Files = append(l.Files, File{Path: fmt.Sprintf("b%d.go", i), Class: Generated, Hash: Hash([]byte{byte(i)})})
		}
		return withMigration(l, "1_users.sql", "users")
	}
	return branches{one(), one(), one()}
}

func withMigration(l *Lock, path, adds string) *Lock {
	l.Files = append(l.Files, File{Path: path, Class: Migration, Hash: Hash([]byte(path + adds)), Adds: []string{adds}})
	return l
}

// file returns the file of the lock at the path.
func (l *Lock) file(t *testing.T, path string) *File {
	t.Helper()
	i := slices.IndexFunc(l.Files, func(f File) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("no file %q", path)
	}
	return &l.Files[i]
}

func (f *File) emit(base string) { f.Hash, f.Base = Hash([]byte(base)), []byte(base) }

// upgrade changes the lock as an authgen of that version would.
func (l *Lock) upgrade(version string) {
	l.Version, l.Templates = version, Hash([]byte(version))
	for i := range l.Files {
		switch f := &l.Files[i]; f.Class {
		case Yours:
			f.emit(strings.Replace(string(f.Base), "step()", "step(\""+version+"\")", 1))
		case Generated:
			f.Hash = Hash([]byte(f.Path + version))
		}
	}
}

func (l *Lock) answer(text string) { l.Answers = []byte(text) }

// sorted returns the lock after Format and Parse.
func sorted(t *testing.T, l *Lock) *Lock {
	t.Helper()
	again, err := Parse([]byte(format(t, l)))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func git(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func needGit(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on PATH")
	}
}

// merge returns the lock as git leaves it after a merge with conflicts, by conflict style.
func (b branches) merge(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "authgen.lock")
	must := func(args ...string) {
		if out, err := git(t, dir, args...); err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	commit := func(l *Lock) {
		if err := os.WriteFile(file, []byte(format(t, l)), 0o666); err != nil {
			t.Fatal(err)
		}
		must("add", ".")
		must("commit", "-q", "--allow-empty", "-m", "x")
	}
	must("init", "-q", "-b", "main")
	if b.base == nil {
		must("commit", "-q", "--allow-empty", "-m", "x")
	} else {
		commit(b.base)
	}
	must("checkout", "-q", "-b", "theirs")
	commit(b.theirs)
	must("checkout", "-q", "main")
	commit(b.ours)
	if out, err := git(t, dir, "merge", "theirs"); err == nil {
		t.Fatalf("git merged without a conflict:\n%s", out)
	}
	texts := make(map[string]string)
	for _, style := range []string{"merge", "diff3", "zdiff3"} {
		must("checkout", "-q", "--conflict="+style, "authgen.lock")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[style] = string(text)
	}
	return texts
}

func TestResolve(t *testing.T) {
	needGit(t)
	for _, test := range []struct {
		name   string
		change func(t *testing.T, b *branches)
		want   func(t *testing.T, b branches) *Lock // nil if it cannot be resolved
		err    string                               // only for the conflict style merge if there is a want
	}{
		{
			name: "two upgrades",
			change: func(_ *testing.T, b *branches) {
				b.ours.upgrade("v0.2.0")
				b.theirs.upgrade("v0.10.0")
			},
			want: func(_ *testing.T, b branches) *Lock { return b.theirs },
		},
		{
			name: "no common ancestor",
			change: func(_ *testing.T, b *branches) {
				b.base = nil
				b.theirs.upgrade("v0.2.0")
				withMigration(b.ours, "2_phone.sql", "users.phone")
			},
			want: func(_ *testing.T, b branches) *Lock { return withMigration(b.theirs, "2_phone.sql", "users.phone") },
		},
		{
			name: "a state each, far apart",
			change: func(t *testing.T, b *branches) {
				b.ours.file(t, "a0.go").State = Deleted
				b.theirs.file(t, "a3.go").At = "sub/a3.go"
			},
			want: func(t *testing.T, b branches) *Lock {
				b.ours.file(t, "a3.go").At = "sub/a3.go"
				return b.ours
			},
		},
		{
			name: "a migration each",
			change: func(_ *testing.T, b *branches) {
				withMigration(b.ours, "2_phone.sql", "users.phone")
				withMigration(b.theirs, "3_age.sql", "users.age")
			},
			want: func(_ *testing.T, b branches) *Lock { return withMigration(b.ours, "3_age.sql", "users.age") },
		},
		{
			name: "answers and an upgrade",
			change: func(t *testing.T, b *branches) {
				b.ours.upgrade("v0.2.0")
				b.theirs.answer("version: 1\nsession: stateless\n")
				withMigration(b.theirs, "2_ended.sql", "ended_sessions")
			},
			want: func(_ *testing.T, b branches) *Lock {
				b.ours.answer("version: 1\nsession: stateless\n")
				return withMigration(b.ours, "2_ended.sql", "ended_sessions")
			},
			// In this style, both sides have the new version.
			err: `"a0.go" differs between the sides`,
		},
		{
			name: "one file, one version",
			change: func(t *testing.T, b *branches) {
				b.ours.file(t, "b2.go").Hash = Hash([]byte("ours"))
				b.theirs.file(t, "b2.go").Hash = Hash([]byte("theirs"))
			},
			err: `"b2.go" differs between the sides`,
		},
		{
			name: "one base, far apart",
			change: func(t *testing.T, b *branches) {
				f := b.ours.file(t, "a1.go")
				f.emit(strings.Replace(string(f.Base), "// File", "// Our file", 1))
				b.theirs.upgrade("v0.2.0")
			},
			err: `.go" `,
		},
		{
			name: "one migration",
			change: func(_ *testing.T, b *branches) {
				withMigration(b.ours, "2.sql", "users.phone")
				withMigration(b.theirs, "2.sql", "users.age").Version = "v0.2.0"
			},
			err: `"2.sql" is a different migration on each side`,
		},
		{
			name: "a conflict of its own",
			change: func(t *testing.T, b *branches) {
				f := b.ours.file(t, "a1.go")
				f.State, f.New = Conflict, []byte("new\n")
				b.theirs.file(t, "b4.go").Hash = Hash([]byte("theirs"))
			},
			err: `"a1.go" has a conflict of its own`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := fork()
			test.change(t, &b)
			for style, text := range b.merge(t) {
				if _, err := Parse([]byte(text)); !errors.Is(err, ErrConflict) {
					t.Fatalf("Parse: %v\n%s", err, text)
				}
				for _, m := range manglings {
					got, err := Resolve([]byte(m.mangle(text)))
					if test.want == nil || test.err != "" && style == "merge" {
						if !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), test.err) {
							t.Errorf("%s: error %v, want %s\n%s", style, err, test.err, text)
						}
						continue
					}
					if err != nil {
						t.Fatalf("%s: %v\n%s", style, err, text)
					}
					b := fork()
					test.change(t, &b)
					if diff := cmp.Diff(sorted(t, test.want(t, b)), got); diff != "" {
						t.Errorf("%s: (-want +got)\n%s\n%s", style, diff, text)
					}
				}
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	b := fork()
	b.theirs.upgrade("v0.2.0")
	ours, theirs := format(t, b.ours), format(t, b.theirs)
	conflict := func(ours, theirs string) string {
		return "<<<<<<< HEAD\n" + ours + "=======\n" + theirs + ">>>>>>> theirs\n"
	}
	if _, err := Resolve([]byte(conflict(ours, theirs))); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, in string
		want     error
		say      string
	}{
		{"one side", conflict(ours, theirs[:200]+"\n"), ErrConflict, "the second of its two sides"},
		{"the other side", conflict("", theirs), ErrConflict, "the first of its two sides"},
		{"a base edited", conflict(ours, strings.Replace(theirs, "// File 1", "// File one", 1)), ErrConflict, `"a1.go": the hash is not that of the base`},
		{"a file twice", conflict(ours, strings.Replace(theirs, `"b2.go"`, `"b1.go"`, 1)), ErrConflict, "not in order"},
		{"a path out", conflict(ours, strings.Replace(theirs, `"b4.go"`, `"../b"`, 1)), ErrConflict, "is not in order"},
		{"a path out, in order", conflict(ours, strings.Replace(theirs, `"1_users.sql"`, `"../users.sql"`, 1)), ErrConflict, "does not stay below"},
		{"an open conflict", strings.TrimSuffix(conflict(ours, theirs), ">>>>>>> theirs\n"), ErrConflict, ""},
		{"markers out of order", "=======\n" + conflict(ours, theirs), ErrConflict, "first of its two sides"},
		{"a newer schema", conflict(ours, strings.Replace(theirs, "lock 1", "lock 2", 1)), nil, "schema 2"},
		{"no conflict", strings.Replace(ours, "// File 1", "// File one", 1), ErrDamaged, "checksum"},
		{"too large", conflict(ours, strings.Repeat("\n", maxSize)), ErrDamaged, "more than"},
	} {
		_, err := Resolve([]byte(test.in))
		if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.say) {
			t.Errorf("%s: error is %v", test.name, err)
		}
	}
	got, err := Resolve([]byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sorted(t, b.ours), got); diff != "" {
		t.Errorf("of a valid lock (-want +got)\n%s", diff)
	}
}

// The base determines which branch changed something.
func TestMerge(t *testing.T) {
	b := fork()
	b.ours.file(t, "a0.go").State = Deleted
	b.ours.Files = slices.DeleteFunc(b.ours.Files, func(f File) bool { return f.Path == "b0.go" || f.Path == "1_users.sql" })
	b.ours.Import = "example.com/store/auth"
	b.theirs.upgrade("v0.2.0")
	b.theirs.file(t, "a0.go").emit(string(b.base.file(t, "a0.go").Base))
	b.theirs.file(t, "b0.go").Hash = b.base.file(t, "b0.go").Hash

	got, err := Merge(b.base, b.ours, b.theirs)
	if err != nil {
		t.Fatal(err)
	}
	want := b.theirs
	want.Import = b.ours.Import
	want.file(t, "a0.go").State = Deleted
	want.Files = slices.DeleteFunc(want.Files, func(f File) bool { return f.Path == "b0.go" })
	if diff := cmp.Diff(sorted(t, want), sorted(t, got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	// Builds of one version can differ in their templates.
	for _, test := range []struct{ base, ours, theirs, want string }{
		{"1", "1", "2", "2"},
		{"1", "2", "1", "2"},
		{"1", "2", "3", "2"},
		{"1", "2", "2", "2"},
	} {
		b := fork()
		for text, l := range map[*string]*Lock{&test.base: b.base, &test.ours: b.ours, &test.theirs: b.theirs} {
			l.Templates = Hash([]byte(*text))
		}
		got, err := Merge(b.base, b.ours, b.theirs)
		if err != nil || got.Templates != Hash([]byte(test.want)) {
			t.Errorf("%v: not the templates %s, error %v", test, test.want, err)
		}
	}
}

// For all merges of git, the resolved lock has only files that one side has, and all files
// that both sides have.
func TestResolveInventsNothing(t *testing.T) {
	needGit(t)
	r := rand.New(rand.NewPCG(5, 6))
	change := func(l *Lock) {
		for range 1 + r.IntN(3) {
			f := &l.Files[r.IntN(len(l.Files))]
			switch r.IntN(6) {
			case 0:
				l.upgrade(fmt.Sprintf("v0.%d.0", 2+r.IntN(2)))
			case 1:
				f.State = Deleted
			case 2:
				if f.Class == Yours {
					lines := strings.SplitAfter(string(f.Base), "\n")
					lines[r.IntN(len(lines))] = fmt.Sprintf("// %d\n", r.IntN(3))
					f.emit(strings.Join(lines, ""))
				}
			case 3:
				f.At = fmt.Sprintf("sub/%s", f.Path)
			case 4:
				if !slices.ContainsFunc(l.Files, func(f File) bool { return f.Path == "2.sql" }) {
					withMigration(l, "2.sql", fmt.Sprintf("users.x%d", r.IntN(2)))
				}
			case 5:
				l.Files = slices.DeleteFunc(l.Files, func(g File) bool { return g.Path == f.Path && g.Class != Migration })
			}
		}
	}
	dir := t.TempDir()
	resolved := 0
	for i := range 90 {
		b := fork()
		change(b.ours)
		change(b.theirs)
		for name, l := range map[string]*Lock{"ours": b.ours, "base": b.base, "theirs": b.theirs} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(format(t, l)), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		text, err := git(t, dir, "merge-file", "-p", []string{"-q", "--diff3", "--zdiff3"}[i%3], "ours", "base", "theirs")
		if err == nil {
			continue
		}
		got, err := Resolve([]byte(text))
		if err != nil {
			if !errors.Is(err, ErrConflict) {
				t.Errorf("%v\n%s", err, text)
			}
			continue
		}
		resolved++
		if _, err := got.Format(); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		ours, theirs, merged := byPath(b.ours), byPath(b.theirs), byPath(got)
		for path, f := range merged {
			if e := entry(f); e != entry(ours[path]) && e != entry(theirs[path]) {
				t.Errorf("%s is not from either side:\n%s\n%s", path, e, text)
			}
		}
		for path, f := range ours {
			if _, ok := merged[path]; !ok && (f.Class == Migration || theirs[path].Path != "") {
				t.Errorf("%s is left out\n%s", path, text)
			}
		}
	}
	if resolved < 20 {
		t.Errorf("only %d conflicts were resolved", resolved)
	}
}

func FuzzResolve(f *testing.F) {
	text, err := sample().Format()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, text, text, "")
	f.Add([]byte("authgen.lock 1: x\n"), []byte("a"), []byte("b"), "sha256 00\n")
	f.Fuzz(func(t *testing.T, before, ours, theirs []byte, after string) {
		in := fmt.Sprintf("%s<<<<<<< a\n%s=======\n%s>>>>>>> b\n%s", before, ours, theirs, after)
		l, err := Resolve([]byte(in))
		var schema *SchemaError
		switch {
		case err == nil:
			if _, err := l.Format(); err != nil {
				t.Error(err)
			}
		case !errors.Is(err, ErrConflict) && !errors.Is(err, ErrDamaged) && !errors.As(err, &schema):
			t.Errorf("untyped error %v", err)
		}
	})
}
