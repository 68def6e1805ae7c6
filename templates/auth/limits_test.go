//authgen:unit limits.go

package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var limitsStart = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// testAddr returns the i-th of many client addresses.
func testAddr(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)})
}

// retryAfter makes an attempt, and returns how long it must wait, or 0 if it is allowed.
func retryAfter(tb testing.TB, l *limits, account string, addr netip.Addr, now time.Time) time.Duration {
	tb.Helper()
	err := l.attempt(account, addr, now)
	if err == nil {
		return 0
	}
	var limited *RateLimitError
	if !errors.As(err, &limited) || limited.RetryAfter <= 0 {
		tb.Fatalf("error %v is not a RateLimitError with a delay", err)
	}
	return limited.RetryAfter
}

// After five failures, an account has a delay of 30 seconds, which doubles with each
// further failure, up to an hour. Delays are exact to the nanosecond.
func TestAccountLimit(t *testing.T) {
	l := newLimits()
	now := limitsStart
	addrs := 0
	attempt := func(now time.Time) time.Duration {
		t.Helper()
		addrs++ // each from another address
		return retryAfter(t, l, "ann", testAddr(addrs), now)
	}
	for i := range accountFailures {
		if wait := attempt(now); wait != 0 {
			t.Fatalf("attempt %d has to wait %v", i+1, wait)
		}
	}
	minutes := func(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }
	for _, delay := range []time.Duration{
		minutes(0.5), minutes(1), minutes(2), minutes(4), minutes(8), minutes(16), minutes(32), minutes(60), minutes(60), minutes(60),
	} {
		if wait := attempt(now); wait != delay {
			t.Fatalf("has to wait %v, want %v", wait, delay)
		}
		// An attempt during the delay does not extend it.
		if wait := attempt(now.Add(delay - 1)); wait != 1 {
			t.Fatalf("a nanosecond before the end of %v: has to wait %v", delay, wait)
		}
		now = now.Add(delay)
		if wait := attempt(now); wait != 0 {
			t.Fatalf("after %v: has to wait %v", delay, wait)
		}
	}
	if wait := retryAfter(t, l, "bob", testAddr(0), now); wait != 0 {
		t.Errorf("another account has to wait %v", wait)
	}
}

// Failures are forgotten a day after the last one, not earlier.
func TestLimitForgets(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		want  time.Duration
	}{
		{forgetAfter - 1, firstDelay}, // this failure is the sixth
		{forgetAfter, 0},              // this failure is the first
	} {
		l := newLimits()
		for range accountFailures - 1 {
			retryAfter(t, l, "ann", testAddr(1), limitsStart)
		}
		now := limitsStart.Add(test.after)
		retryAfter(t, l, "ann", testAddr(2), now)
		if wait := retryAfter(t, l, "ann", testAddr(3), now); wait != test.want {
			t.Errorf("after %v: has to wait %v, want %v", test.after, wait, test.want)
		}
	}
}

// An address has twenty attempts across all accounts, whether they exist or not.
func TestAddressLimit(t *testing.T) {
	l := newLimits()
	for i := range addressFailures {
		if wait := retryAfter(t, l, strconv.Itoa(i), testAddr(1), limitsStart); wait != 0 {
			t.Fatalf("attempt %d has to wait %v", i+1, wait)
		}
	}
	if wait := retryAfter(t, l, "another", testAddr(1), limitsStart); wait != firstDelay {
		t.Errorf("has to wait %v, want %v", wait, firstDelay)
	}
	if wait := retryAfter(t, l, "another", testAddr(2), limitsStart); wait != 0 {
		t.Errorf("another address has to wait %v", wait)
	}
}

// The longer of two delays applies.
func TestLimitsTogether(t *testing.T) {
	l := newLimits()
	l.accounts.entries["ann"] = failures{accountFailures + 2, limitsStart}
	l.clients.entries[testAddr(1)] = failures{addressFailures, limitsStart}
	if wait := retryAfter(t, l, "ann", testAddr(1), limitsStart); wait != 4*firstDelay {
		t.Errorf("has to wait %v, want %v", wait, 4*firstDelay)
	}
	if wait := retryAfter(t, l, "bob", testAddr(1), limitsStart); wait != firstDelay {
		t.Errorf("has to wait %v, want %v", wait, firstDelay)
	}
}

// An IPv6 /64 network counts as one address, and the next network as another.
func TestAddressLimitIPv6(t *testing.T) {
	l := newLimits()
	for i := range addressFailures {
		addr := netip.MustParseAddr(fmt.Sprintf("2001:db8:0:1:%x::%x", i, i))
		if wait := retryAfter(t, l, strconv.Itoa(i), addr, limitsStart); wait != 0 {
			t.Fatalf("attempt %d has to wait %v", i+1, wait)
		}
	}
	for addr, want := range map[string]time.Duration{
		"2001:db8:0:1:ffff:ffff:ffff:ffff": firstDelay,
		"2001:db8:0:2::1":                  0,
		"192.0.2.1":                        0,
	} {
		if wait := retryAfter(t, l, addr, netip.MustParseAddr(addr), limitsStart); wait != want {
			t.Errorf("%s has to wait %v, want %v", addr, wait, want)
		}
	}
}

// A success clears the failures of the account, but not those of the address, so nobody
// can use their own account to guess passwords of others.
func TestLimitSuccess(t *testing.T) {
	l := newLimits()
	for i := range addressFailures - 1 {
		if wait := retryAfter(t, l, strconv.Itoa(i), testAddr(1), limitsStart); wait != 0 {
			t.Fatalf("attempt %d has to wait %v", i+1, wait)
		}
		// Log in to one's own account in between.
		if wait := retryAfter(t, l, "own", testAddr(1), limitsStart); wait != 0 {
			t.Fatalf("login %d to one's own account has to wait %v", i+1, wait)
		}
		l.succeeded("own", testAddr(1))
	}
	retryAfter(t, l, "last", testAddr(1), limitsStart)
	if wait := retryAfter(t, l, "own", testAddr(1), limitsStart); wait != firstDelay {
		t.Errorf("the address has to wait %v, want %v", wait, firstDelay)
	}

	for range accountFailures - 1 {
		retryAfter(t, l, "ann", testAddr(2), limitsStart)
	}
	retryAfter(t, l, "ann", testAddr(3), limitsStart)
	l.succeeded("ann", testAddr(3))
	for i := range accountFailures {
		if wait := retryAfter(t, l, "ann", testAddr(4), limitsStart); wait != 0 {
			t.Fatalf("after a success, attempt %d has to wait %v", i+1, wait)
		}
	}
	l = newLimits()
	l.succeeded("nobody", testAddr(1))
	l.refund("nobody", testAddr(1))
	if len(l.accounts.entries) != 0 || len(l.clients.entries) != 0 {
		t.Errorf("counts %v and %v without an attempt", l.accounts, l.clients)
	}
}

// A refunded attempt does not count, and clears nothing.
func TestLimitRefund(t *testing.T) {
	l := newLimits()
	for range 10 * addressFailures {
		if wait := retryAfter(t, l, "ann", testAddr(1), limitsStart); wait != 0 {
			t.Fatalf("has to wait %v", wait)
		}
		l.refund("ann", testAddr(1))
	}
	if len(l.accounts.entries) != 0 || len(l.clients.entries) != 0 {
		t.Errorf("counts %v and %v after refunds, want none", l.accounts, l.clients)
	}
	for range accountFailures - 1 {
		retryAfter(t, l, "ann", testAddr(1), limitsStart)
	}
	retryAfter(t, l, "ann", testAddr(1), limitsStart)
	l.refund("ann", testAddr(1))
	retryAfter(t, l, "ann", testAddr(1), limitsStart)
	if wait := retryAfter(t, l, "ann", testAddr(1), limitsStart); wait != firstDelay {
		t.Errorf("has to wait %v, want %v", wait, firstDelay)
	}
}

// Concurrent attempts cannot exceed the limit.
func TestLimitParallel(t *testing.T) {
	l := newLimits()
	var passed atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if l.attempt("ann", testAddr(i), limitsStart) == nil {
				passed.Add(1)
			}
		})
	}
	wg.Wait()
	if passed.Load() != accountFailures {
		t.Errorf("%d attempts passed, want %d", passed.Load(), accountFailures)
	}
}

// The tables are bounded, a full table refuses nobody, and new keys do not displace a
// blocked one.
func TestLimitTableFull(t *testing.T) {
	l := newLimits()
	for i := range maxTracked {
		l.accounts.entries[strconv.Itoa(i)] = failures{1, limitsStart}
	}
	l.accounts.entries["0"] = failures{accountFailures, limitsStart}
	for i := range 1000 {
		if wait := retryAfter(t, l, "new "+strconv.Itoa(i), testAddr(i), limitsStart); wait != 0 {
			t.Fatalf("new account %d has to wait %v", i, wait)
		}
	}
	if wait := retryAfter(t, l, "0", testAddr(1), limitsStart); wait != firstDelay {
		t.Errorf("the blocked account has to wait %v, want %v", wait, firstDelay)
	}
	if len(l.accounts.entries) != maxTracked {
		t.Errorf("%d accounts are kept, want %d", len(l.accounts.entries), maxTracked)
	}

	// If all are blocked, those whose delay is over are forgotten first.
	l = newLimits()
	for i := range maxTracked {
		l.accounts.entries[strconv.Itoa(i)] = failures{accountFailures, limitsStart}
	}
	now := limitsStart.Add(forgetAfter)
	l.accounts.entries["0"] = failures{accountFailures, now}
	for i := range 1000 {
		retryAfter(t, l, "new "+strconv.Itoa(i), testAddr(i), now)
	}
	if wait := retryAfter(t, l, "0", testAddr(1), now); wait != firstDelay {
		t.Errorf("the account that is still blocked has to wait %v, want %v", wait, firstDelay)
	}
}

// Sign-ups are counted by address, and forgotten after an hour.
//
//authgen:if signup
func TestSignUpLimit(t *testing.T) {
	l := newLimits()
	for i := range addressSignUps {
		if err := l.signUp(testAddr(1), limitsStart); err != nil {
			t.Fatalf("sign-up %d: %v", i+1, err)
		}
	}
	var limited *RateLimitError
	if err := l.signUp(testAddr(1), limitsStart); !errors.As(err, &limited) || limited.RetryAfter != firstDelay {
		t.Errorf("one more sign-up: error %v, want a delay of %v", err, firstDelay)
	}
	for _, err := range []error{
		l.signUp(testAddr(2), limitsStart),
		l.signUp(testAddr(1), limitsStart.Add(forgetSignUps)),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}

// Clients without an address count as one, separately from all others.
func TestLimitUnknownAddress(t *testing.T) {
	l := newLimits()
	for i := range addressFailures {
		if wait := retryAfter(t, l, strconv.Itoa(i), netip.Addr{}, limitsStart); wait != 0 {
			t.Fatalf("attempt %d has to wait %v", i+1, wait)
		}
	}
	if wait := retryAfter(t, l, "another", netip.Addr{}, limitsStart); wait != firstDelay {
		t.Errorf("has to wait %v, want %v", wait, firstDelay)
	}
	if wait := retryAfter(t, l, "another", testAddr(1), limitsStart); wait != 0 {
		t.Errorf("a client with an address has to wait %v", wait)
	}
	l.refund("0", netip.Addr{})
	if wait := retryAfter(t, l, "another", netip.Addr{}, limitsStart); wait != 0 {
		t.Errorf("after a refund, has to wait %v", wait)
	}
}

// Sign-ups of all clients without an address count together.
//
//authgen:if signup
func TestSignUpLimitUnknownAddress(t *testing.T) {
	l := newLimits()
	for i := range addressSignUps {
		if err := l.signUp(netip.Addr{}, limitsStart); err != nil {
			t.Fatalf("sign-up %d: %v", i+1, err)
		}
	}
	var limited *RateLimitError
	if err := l.signUp(netip.Addr{}, limitsStart); !errors.As(err, &limited) || limited.RetryAfter != firstDelay {
		t.Errorf("one more sign-up: error %v, want a delay of %v", err, firstDelay)
	}
}

// Behind a proxy on a Unix socket, where clients have no address, guessing is limited
// too, and the log says "unknown" instead of the address.
func TestGuessingWithoutAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		a := newTestAuth(t, func(c *Config) { c.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = "@"
		limited := 0
		for i := range 3 * addressFailures {
			in := Credentials{Email: strconv.Itoa(i) + "@example.org", Password: wrongPassword}
			_, err := a.LogIn(a.enter(r).Context(), in)
			switch {
			case errors.As(err, new(*RateLimitError)):
				limited++
			case !errors.Is(err, ErrInvalidCredentials):
				t.Fatal(err)
			}
		}
		if limited != 2*addressFailures {
			t.Errorf("%d of %d attempts are refused, want all but %d", limited, 3*addressFailures, addressFailures)
		}
		if text := log.String(); strings.Contains(text, "invalid") || strings.Count(text, `"client":"unknown"`) != 3*addressFailures {
			t.Errorf("the log does not say \"unknown\" for every attempt:\n%s", text)
		}
	})
}

// Setting the clock back locks nobody out for longer than the difference.
func TestLimitClockSetBack(t *testing.T) {
	l := newLimits()
	for range accountFailures {
		retryAfter(t, l, "ann", testAddr(1), limitsStart)
	}
	if wait := retryAfter(t, l, "ann", testAddr(1), limitsStart.Add(-time.Hour)); wait != time.Hour+firstDelay {
		t.Errorf("has to wait %v, want %v", wait, time.Hour+firstDelay)
	}
}
