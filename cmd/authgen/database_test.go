package main

import (
	"strings"
	"testing"
)

// What a driver says contains neither the data source name nor a password in it.
func TestRedact(t *testing.T) {
	for source, secrets := range map[string][]string{
		"postgres://app:s3cr%2Fet@host:5432/db?sslmode=disable":   {"s3cr%2Fet", "s3cr/et"},
		"postgres://app:p@ss:w0rd@host/db":                        {"p@ss:w0rd"},
		"postgres://host/db?user=app&password=s3cr%2Fet":          {"s3cr%2Fet", "s3cr/et"},
		"host=db user=app password=s3cret dbname=x":               {"s3cret"},
		"host=db user=app password='s3 cret' dbname=x":            {"s3 cret"},
		"app:s3cret@tcp(127.0.0.1:3306)/db?parseTime=true":        {"s3cret"},
		"app:s3c@r/et@unix(/run/mysqld.sock)/db?parseTime=true":   {"s3c@r/et"},
		"postgres://app:s3cret@host/db?options=-c%20search_path=": {"s3cret"},
	} {
		said := "cannot open " + source + ": wrong: " + strings.Join(secrets, ", ")
		got := redact(said, source)
		for _, secret := range append(secrets, source) {
			if strings.Contains(got, secret) {
				t.Errorf("%s: %q contains %q", source, got, secret)
			}
		}
		if !strings.HasPrefix(got, "cannot open ") {
			t.Errorf("%s: %q says nothing", source, got)
		}
	}
	// A data source name without a password changes nothing else.
	if got := redact("no such table: app", "file:app.db?_txlock=immediate"); got != "no such table: app" {
		t.Errorf("got %q", got)
	}
}
