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
	// maxTracked bounds the memory: some 100 bytes each.
	maxTracked = 100_000
)

// limits slows down the guessing of passwords, by account and by client address.
// Accounts are counted whether they exist or not. It counts in the memory of
// this process: behind a load balancer, every instance counts on its own.
type limits struct {
	mu       sync.Mutex
	accounts map[string]failures
	clients  map[netip.Addr]failures
}

type failures struct {
	count int
	last  time.Time
}

func newLimits() *limits {
	return &limits{accounts: make(map[string]failures), clients: make(map[netip.Addr]failures)}
}

// attempt counts an attempt as failed, before it is made, so that attempts in
// parallel cannot pass together. It returns a [RateLimitError] if the attempt
// must not be made.
func (l *limits) attempt(account string, addr netip.Addr, now time.Time) error {
	addr = limitedAddr(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := max(
		blocked(l.accounts, account, accountFailures, now),
		blocked(l.clients, addr, addressFailures, now),
	)
	if wait > 0 {
		return &RateLimitError{RetryAfter: wait}
	}
	count(l.accounts, account, now)
	count(l.clients, addr, now)
	return nil
}

// succeeded forgives the account its failures, and the address this attempt but
// none of its failures: else whoever has one account could guess at all others.
func (l *limits) succeeded(account string, addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.accounts, account)
	uncount(l.clients, limitedAddr(addr))
}

// withdrawn takes back an attempt that told nothing about the password.
func (l *limits) withdrawn(account string, addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	uncount(l.accounts, account)
	uncount(l.clients, limitedAddr(addr))
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

func blocked[K comparable](m map[K]failures, key K, allowed int, now time.Time) time.Duration {
	f, ok := m[key]
	if !ok {
		if len(m) >= maxTracked {
			forget(m, allowed, now)
		}
		if len(m) >= maxTracked {
			// Everybody in the table is blocked: somebody tries very hard.
			return firstDelay
		}
		return 0
	}
	if f.count < allowed || now.Sub(f.last) >= forgetAfter {
		return 0
	}
	delay := longestDelay
	if doublings := f.count - allowed; doublings < 7 {
		delay = min(delay, firstDelay<<doublings)
	}
	return f.last.Add(delay).Sub(now)
}

func count[K comparable](m map[K]failures, key K, now time.Time) {
	f := m[key]
	if now.Sub(f.last) >= forgetAfter {
		f.count = 0
	}
	m[key] = failures{f.count + 1, now}
}

func uncount[K comparable](m map[K]failures, key K) {
	f, ok := m[key]
	if f.count--; f.count > 0 {
		m[key] = f
	} else if ok {
		delete(m, key)
	}
}

// forget drops whoever is not blocked: only they are let in again sooner.
func forget[K comparable](m map[K]failures, allowed int, now time.Time) {
	for key, f := range m {
		if f.count < allowed || now.Sub(f.last) >= forgetAfter {
			delete(m, key)
		}
	}
}
