package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The database is created when it is first opened, and nobody else on the machine may
// read it.
func TestOpenDatabase(t *testing.T) {
	file := filepath.ToSlash(filepath.Join(t.TempDir(), "app.db"))
	for range 2 {
		db, err := openDatabase(t.Context(), strings.Replace(defaultDatabase, "app.db", file, 1))
		if err != nil {
			t.Fatal(err)
		}
		users := -1
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM auth_users").Scan(&users); err != nil || users != 0 {
			t.Errorf("%d users, %v", users, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the mode of the file is %v", info.Mode())
	}
}
