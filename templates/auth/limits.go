package auth

import (
	"net/netip"
	"sync"
	"time"
)

// After accountFailures failures of an account, or addressFailures from an address,
// attempts are refused for firstDelay. Each further failure doubles the delay, up to
// longestDelay. Addresses have a higher limit, since many people can share one.
const (
	accountFailures = 5
	addressFailures = 20
	firstDelay      = 30 * time.Second
	longestDelay    = time.Hour
	// forgetAfter is how long a failure is remembered.
	forgetAfter = 24 * time.Hour
	// maxTracked limits the memory of each table to about 30 MB.
	maxTracked = 100_000
)

// After addressSignUps sign-ups from an address, the same delays apply, until there
// was none for forgetSignUps.
//
//authgen:if signup
const (
	addressSignUps = 50
	forgetSignUps  = time.Hour
)

// limits slows down password guessing, by account and by client address, and the
// creation of accounts. It counts accounts whether they exist or not. The counters
// are in memory: behind a load balancer, each instance counts separately.
type limits struct {
	mu       sync.Mutex
	accounts table[string]
	clients  table[netip.Addr]
	//authgen:if signup
	signUps table[netip.Addr]
}

func newLimits() *limits {
	return &limits{
		accounts: newTable[string](accountFailures, forgetAfter),
		clients:  newTable[netip.Addr](addressFailures, forgetAfter),
		//authgen:if signup
		signUps: newTable[netip.Addr](addressSignUps, forgetSignUps),
		//authgen:end
	}
}

// attempt counts an attempt as failed before it is made, so that concurrent attempts
// cannot exceed the limit. It returns a [RateLimitError] if the attempt must not be
// made. All clients without an address count as one.
func (l *limits) attempt(account string, addr netip.Addr, now time.Time) error {
	addr = limitedAddr(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := max(l.accounts.wait(account, now), l.clients.wait(addr, now)); wait > 0 {
		return &RateLimitError{RetryAfter: wait}
	}
	l.accounts.count(account, now)
	l.clients.count(addr, now)
	return nil
}

// succeeded clears the failures of the account, but only this attempt of the address:
// otherwise, anybody with an account could guess the passwords of all others.
func (l *limits) succeeded(account string, addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.accounts.entries, account)
	l.clients.uncount(limitedAddr(addr))
}

// refund takes back an attempt that did not check the password.
func (l *limits) refund(account string, addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts.uncount(account)
	l.clients.uncount(limitedAddr(addr))
}

// signUp counts a sign-up from an address. It returns a [RateLimitError] if there
// were too many. All clients without an address count as one.
//
//authgen:if signup
func (l *limits) signUp(addr netip.Addr, now time.Time) error {
	addr = limitedAddr(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.signUps.wait(addr, now); wait > 0 {
		return &RateLimitError{RetryAfter: wait}
	}
	l.signUps.count(addr, now)
	return nil
}

// limitedAddr returns what counts as one address: for IPv6, the /64 network, which
// is what a customer gets.
func limitedAddr(addr netip.Addr) netip.Addr {
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return addr
}

// table counts failures by key.
type table[K comparable] struct {
	allowed int           // failures before the first delay
	memory  time.Duration // after which failures are forgotten
	entries map[K]failures
}

type failures struct {
	count int
	last  time.Time
}

func newTable[K comparable](allowed int, memory time.Duration) table[K] {
	return table[K]{allowed, memory, make(map[K]failures)}
}

// wait returns how long until the next attempt is allowed; 0 or less means now.
func (t *table[K]) wait(key K, now time.Time) time.Duration {
	f, ok := t.entries[key]
	if !ok || f.count < t.allowed || now.Sub(f.last) >= t.memory {
		return 0
	}
	delay := longestDelay
	if doublings := f.count - t.allowed; doublings < 7 {
		delay = min(delay, firstDelay<<doublings)
	}
	return f.last.Add(delay).Sub(now)
}

func (t *table[K]) count(key K, now time.Time) {
	f, ok := t.entries[key]
	if !ok {
		t.makeRoom(now)
	}
	if now.Sub(f.last) >= t.memory {
		f.count = 0
	}
	t.entries[key] = failures{f.count + 1, now}
}

func (t *table[K]) uncount(key K) {
	f, ok := t.entries[key]
	if f.count--; f.count > 0 {
		t.entries[key] = f
	} else if ok {
		delete(t.entries, key)
	}
}

// makeRoom deletes an entry of a full table: of up to 16 arbitrary ones, that with
// the fewest remembered failures. So a full table refuses nobody, and is unlikely to
// forget a key that is blocked.
func (t *table[K]) makeRoom(now time.Time) {
	if len(t.entries) < maxTracked {
		return
	}
	var drop K
	fewest, seen := 0, 0
	for key, f := range t.entries {
		if now.Sub(f.last) >= t.memory {
			f.count = 0
		}
		if seen == 0 || f.count < fewest {
			drop, fewest = key, f.count
		}
		if seen++; seen == 16 {
			break
		}
	}
	delete(t.entries, drop)
}
