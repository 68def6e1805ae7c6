package main

import (
	"strings"
	"testing"
)

// A database that cannot be opened is an error when the program starts, and the error
// does not show the password.
func TestOpenDatabase(t *testing.T) {
	for _, url := range []string{
		"postgres://app:a%20secret@127.0.0.1:1/app?sslmode=disable",
		"postgres://app:a secret@127.0.0.1:1/app?sslmode=disable",
		"postgres://app:a%secret@127.0.0.1:1/app?sslmode=disable",
	} {
		db, err := openDatabase(t.Context(), url)
		if err == nil {
			_ = db.Close()
			t.Errorf("%s is opened", url)
		} else if strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
}
