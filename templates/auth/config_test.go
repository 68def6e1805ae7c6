//authgen:unit config.go

package auth

import (
	"strings"
	"testing"
	"time"
)

// New refuses an incomplete or unsafe configuration, and names the field.
func TestNewRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no database", func(c *Config) { c.DB = nil }, "Config.DB"},
		{"no keys", func(c *Config) { c.Keys = nil }, "Config.Keys"},
		{"a zero key", func(c *Config) { c.Keys = append(c.Keys, Key{}) }, "Config.Keys: key 2"},
		{"the same key twice", func(c *Config) { c.Keys = append(c.Keys, c.Keys[0]) }, "keys 1 and 2 are the same"},
		{"no base URL", func(c *Config) { c.BaseURL = "" }, "Config.BaseURL: missing"},
		{"plain http", func(c *Config) { c.BaseURL = "http://example.com" }, "Config.BaseURL"},
		{"plain http to a name that looks local", func(c *Config) { c.BaseURL = "http://localhost.example.com" }, "Config.BaseURL"},
		{"another scheme", func(c *Config) { c.BaseURL = "ftp://example.com" }, "Config.BaseURL"},
		{"no scheme", func(c *Config) { c.BaseURL = "example.com" }, "Config.BaseURL"},
		{"a path", func(c *Config) { c.BaseURL = "https://example.com/app" }, "Config.BaseURL"},
		{"a query", func(c *Config) { c.BaseURL = "https://example.com?x=1" }, "Config.BaseURL"},
		{"a port without a host", func(c *Config) { c.BaseURL = "https://:8443" }, "Config.BaseURL"},
		{"a host that is not ASCII", func(c *Config) { c.BaseURL = "https://bücher.example" }, "Config.BaseURL"},
		{"a user", func(c *Config) { c.BaseURL = "https://ann@example.com" }, "Config.BaseURL"},
		{"too short an idle timeout", func(c *Config) { c.IdleTimeout = time.Second }, "Config.IdleTimeout"},
		{"a negative timeout", func(c *Config) { c.AbsoluteTimeout = -time.Hour }, "Config.AbsoluteTimeout"},
		{"too long a timeout", func(c *Config) { c.AbsoluteTimeout = 401 * 24 * time.Hour }, "Config.AbsoluteTimeout"},
		{"too short a sensitive timeout", func(c *Config) { c.SensitiveIdleTimeout = 1 }, "Config.SensitiveIdleTimeout"},
		{"too short a freshness", func(c *Config) { c.FreshFor = time.Second }, "Config.FreshFor"},
		{"sensitive sessions with a longer idle timeout", func(c *Config) { c.IdleTimeout, c.SensitiveIdleTimeout = time.Hour, 2*time.Hour }, "Config.SensitiveIdleTimeout"},
		{"sensitive sessions with a longer absolute timeout", func(c *Config) {
			c.AbsoluteTimeout, c.SensitiveAbsoluteTimeout = time.Hour, 2*time.Hour
		}, "Config.SensitiveAbsoluteTimeout"},
		{"too short passwords", func(c *Config) { c.MinPasswordLength = 7 }, "Config.MinPasswordLength"},
		{"short passwords without a check", func(c *Config) { c.MinPasswordLength = 14 }, "Hooks.CheckPassword"},
		{"a minimum above the maximum length", func(c *Config) { c.MinPasswordLength = maxPasswordLength + 1 }, "Config.MinPasswordLength"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := offlineConfig()
			test.change(&c)
			a, err := New(c)
			if err == nil || a != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New: error %v, want one about %q", err, test.want)
			}
		})
	}
	_, err := New(Config{})
	for _, missing := range []string{"Config.DB", "Config.Keys", "Config.BaseURL"} {
		if err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("New(Config{}) does not name %s: %v", missing, err)
		}
	}
}

// Shorter timeouts also shorten those of sensitive roles.
func TestSensitiveDefaults(t *testing.T) {
	c := Config{IdleTimeout: 10 * time.Minute, AbsoluteTimeout: 2 * time.Hour}
	c.setDefaults()
	if c.SensitiveIdleTimeout != 10*time.Minute || c.SensitiveAbsoluteTimeout != 2*time.Hour {
		t.Errorf("sensitive timeouts: idle %v, absolute %v; want 10m and 2h", c.SensitiveIdleTimeout, c.SensitiveAbsoluteTimeout)
	}
}

// BaseURL determines the cookie and the origin of requests.
func TestBaseURL(t *testing.T) {
	for _, test := range []struct {
		url, origin, cookie, host string
	}{
		{"https://example.com", "https://example.com", "__Host-" + cookieBase, ""},
		{"https://Example.com/", "https://example.com", "__Host-" + cookieBase, ""},
		{"https://example.com:443", "https://example.com", "__Host-" + cookieBase, ""},
		{"https://example.com:8443", "https://example.com:8443", "__Host-" + cookieBase, ""},
		{"https://localhost:8080", "https://localhost:8080", "__Host-" + cookieBase, ""},
		{"http://localhost:8080", "http://localhost:8080", cookieBase, "localhost:8080"},
		{"http://127.0.0.1:80", "http://127.0.0.1", cookieBase, "127.0.0.1"},
		{"http://[::1]:8080", "http://[::1]:8080", cookieBase, "[::1]:8080"},
	} {
		c := offlineConfig()
		c.BaseURL = test.url
		a, err := New(c)
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		if a.BaseURL() != test.origin || a.cookieName != test.cookie || a.host != test.host {
			t.Errorf("%s: origin %q, cookie %q, host %q; want %q, %q, %q",
				test.url, a.BaseURL(), a.cookieName, a.host, test.origin, test.cookie, test.host)
		}
	}
}
