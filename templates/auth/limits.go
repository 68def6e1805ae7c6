package auth

import (
	"net/netip"
	"sync"
	"time"
)

// After so many failures in a row, attempts are refused for 30 seconds, then
// twice as long after each further failure, up to an hour. An address may fail
// more often than an account, since many people can share one.
const (
	accountFailures = 5
	addressFailures = 20
	firstDelay      = 30 * time.Second
	longestDelay    = time.Hour
	// forgetAfter is how long a failure is remembered.
	forgetAfter = 24 * time.Hour
	// maxTracked bounds the memory of each table, to some 30 MB.
	maxTracked = 100_000
)

// After so many sign-ups from one address there are the same delays, until none
// came for so long.
//
//authgen:if signup
const (
	addressSignUps = 50
	forgetSignUps  = time.Hour
)

// limits slows down the guessing of passwords, by account and by client address,
// and the making of accounts. Accounts are counted whether they exist or not. It
// counts in the memory of this process: behind a load balancer, every instance
// counts on its own.
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

// attempt counts an attempt as failed, before it is made, so that attempts in
// parallel cannot pass together. It returns a [RateLimitError] if the attempt
// must not be made. All clients without an address count as one.
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

// succeeded forgives the account its failures, and the address this attempt but
// none of its failures: else whoever has one account could guess at all others.
func (l *limits) succeeded(account string, addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.accounts.entries, account)
	l.clients.uncount(limitedAddr(addr))
}

// refund takes back an attempt that told nothing about the password.
func (l *limits) refund(account string, addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts.uncount(account)
	l.clients.uncount(limitedAddr(addr))
}

// signUp counts a sign-up, or returns a [RateLimitError] if there were too many
// from the address. All clients without an address count as one.
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

// limitedAddr is what counts as one address: of IPv6, the network that one
// customer gets.
func limitedAddr(addr netip.Addr) netip.Addr {
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return addr
}

// table counts by key.
type table[K comparable] struct {
	allowed int           // before there is a delay
	memory  time.Duration // after which a key counts anew
	entries map[K]failures
}

type failures struct {
	count int
	last  time.Time
}

func newTable[K comparable](allowed int, memory time.Duration) table[K] {
	return table[K]{allowed, memory, make(map[K]failures)}
}

// wait returns how long the next attempt has to wait, or something not above 0.
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

// makeRoom drops an entry of a full table: of a few that come to hand, the one
// with the fewest failures that still count. Nobody is refused for lack of room,
// and whoever is blocked is among the last to be forgotten.
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
