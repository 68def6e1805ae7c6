package main

import (
	"strings"
	"testing"
)

// A database that cannot be opened is an error when the program starts, and the error
// does not show the password.
func TestOpenDatabase(t *testing.T) {
	for _, dsn := range []string{
		"app:a secret@tcp(127.0.0.1:1)/app?parseTime=true",
		"app:a secret@tcp(127.0.0.1:1)",
		"app:a secret@tcp(127.0.0.1:1)/app?parseTime=maybe",
	} {
		db, err := openDatabase(t.Context(), dsn)
		if err == nil {
			_ = db.Close()
			t.Errorf("%s is opened", dsn)
		} else if strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
}
