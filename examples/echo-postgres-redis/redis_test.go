package main

import (
	"strings"
	"testing"
)

// The error for an invalid URL does not show the password.
func TestOpenRedis(t *testing.T) {
	for _, url := range []string{"", "redis://user:secret@localhost:6379/1"} {
		client, err := openRedis(url)
		if err != nil {
			t.Errorf("%q: %v", url, err)
			continue
		}
		if !client.Options().ContextTimeoutEnabled {
			t.Errorf("%q: a request may wait for longer than it should", url)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, url := range []string{"user:secret@localhost", "redis://user:a%secret@localhost:6379/0"} {
		if _, err := openRedis(url); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v", url, err)
		}
	}
}
