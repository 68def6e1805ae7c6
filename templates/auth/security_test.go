//authgen:unit config.go

package auth

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The numbers in SECURITY.md match the code.
func TestSecurityNumbers(t *testing.T) {
	text, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	var c Config
	if errs := c.setDefaults(); errs != nil {
		t.Fatal(errs)
	}
	for _, want := range []string{
		fmt.Sprintf("argon2id with %d MiB and %d passes", argonDefault.memory/1024, argonDefault.time),
		fmt.Sprintf("costs more than %d MiB, %d passes or %d threads", maxHashMemory/1024, maxHashTime, maxHashThreads),
		fmt.Sprintf("%d to %d characters", c.MinPasswordLength, maxPasswordLength),
		fmt.Sprintf("after %d failures in a row an account waits %v", accountFailures, firstDelay),
		fmt.Sprintf("up to %v; a client address after %d", longestDelay, addressFailures),
		fmt.Sprintf("idle %v, at most %v", c.IdleTimeout, c.AbsoluteTimeout),
		fmt.Sprintf("for sensitive roles %v and %v", c.SensitiveIdleTimeout, c.SensitiveAbsoluteTimeout),
		fmt.Sprintf("within the last %v", c.FreshFor),
		fmt.Sprintf("at most %d KiB", maxBody/1024),
		//authgen:if session_database
		fmt.Sprintf("at most %d of a user", maxSessions),
		//authgen:end
		//authgen:if !redis
		fmt.Sprintf("at most once in %v, %d at a time", sweepEvery, sweepRows),
		//authgen:end
		//authgen:if signup
		fmt.Sprintf("%d from a client address, then delays, forgotten after %v", addressSignUps, forgetSignUps),
		//authgen:end
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("SECURITY.md does not say %q", want)
		}
	}
}
