//authgen:unit config.go

package auth

import (
	"strings"
	"testing"
	"time"
)

// New refuses an incomplete or unsafe configuration, and names the field.
func TestNewRefuses(t *testing.T) {
	trust := func(origins ...string) func(*Config) {
		return func(c *Config) { c.TrustedOrigins = origins }
	}
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
		{"a path with a dot segment", func(c *Config) { c.BaseURL = "https://example.com/a/../b" }, "Config.BaseURL"},
		{"a path with an empty segment", func(c *Config) { c.BaseURL = "https://example.com/a//b" }, "Config.BaseURL"},
		{"a path that starts like a host", func(c *Config) { c.BaseURL = "https://example.com//evil.example" }, "Config.BaseURL"},
		{"an escaped path", func(c *Config) { c.BaseURL = "https://example.com/a%2fb" }, "Config.BaseURL"},
		{"a path with a blank", func(c *Config) { c.BaseURL = "https://example.com/a b" }, "Config.BaseURL"},
		{"a path with a parameter", func(c *Config) { c.BaseURL = "https://example.com/{id}" }, "Config.BaseURL"},
		{"a query", func(c *Config) { c.BaseURL = "https://example.com?x=1" }, "Config.BaseURL"},
		{"a port without a host", func(c *Config) { c.BaseURL = "https://:8443" }, "Config.BaseURL"},
		{"a host that is not ASCII", func(c *Config) { c.BaseURL = "https://bücher.example" }, "Config.BaseURL"},
		{"a user", func(c *Config) { c.BaseURL = "https://ann@example.com" }, "Config.BaseURL"},
		{"an empty origin", trust(""), "Config.TrustedOrigins: an origin is empty"},
		{"any origin", trust("*"), `Config.TrustedOrigins: "*" has a wildcard`},
		{"any subdomain", trust("https://*.example.com"), `"https://*.example.com" has a wildcard; list each origin`},
		{"the opaque origin", trust("null"), `Config.TrustedOrigins: "null"`},
		{"an origin without a scheme", trust("app.example.com"), `Config.TrustedOrigins: "app.example.com"`},
		{"an origin with another scheme", trust("app://localhost"), `Config.TrustedOrigins: "app://localhost" has the scheme "app"`},
		{"an origin with a path", trust("https://app.example.com/login"), `"https://app.example.com/login" has a path`},
		{"an origin with a query", trust("https://app.example.com?a"), `Config.TrustedOrigins: "https://app.example.com?a"`},
		{"a plain origin", trust("http://app.example.com"), `"http://app.example.com" is plain http`},
		{"a plain origin on this machine", trust("http://localhost:5173"), `"http://localhost:5173" is plain http, and BaseURL is https`},
		{"one of two origins", trust("https://app.example.com", "https://ann@example.com"), "https://ann@example.com"},
		{"a plain origin elsewhere in development", func(c *Config) {
			c.BaseURL, c.TrustedOrigins = "http://localhost:8080", []string{"http://172.17.0.2:8080"}
		}, `"http://172.17.0.2:8080" is plain http`},
		{"an origin elsewhere in development", func(c *Config) {
			c.BaseURL, c.TrustedOrigins = "http://localhost:8080", []string{"https://app.example.com"}
		}, `"https://app.example.com" is not on this machine`},
		{"an unnamed route", func(c *Config) { c.AllowCrossOrigin = []string{"login", ""} }, "Config.AllowCrossOrigin has an empty name"},
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
		url, origin, path, cookie, host string
	}{
		{"https://example.com", "https://example.com", "", "__Host-" + cookieBase, ""},
		{"https://Example.com/", "https://example.com", "", "__Host-" + cookieBase, ""},
		{"https://example.com:443", "https://example.com", "", "__Host-" + cookieBase, ""},
		{"https://example.com:8443", "https://example.com:8443", "", "__Host-" + cookieBase, ""},
		{"https://example.com/a/~B.1/", "https://example.com", "/a/~B.1", "__Host-" + cookieBase, ""},
		{"https://localhost:8080", "https://localhost:8080", "", "__Host-" + cookieBase, ""},
		{"http://localhost:8080", "http://localhost:8080", "", cookieBase, "localhost:8080"},
		{"http://localhost:8080/app", "http://localhost:8080", "/app", cookieBase, "localhost:8080"},
		{"http://127.0.0.1:80", "http://127.0.0.1", "", cookieBase, "127.0.0.1"},
		{"http://[::1]:8080", "http://[::1]:8080", "", cookieBase, "[::1]:8080"},
	} {
		c := offlineConfig()
		c.BaseURL = test.url
		a, err := New(c)
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		if a.BaseURL() != test.origin+test.path || a.origin != test.origin || a.BasePath() != test.path || a.cookieName != test.cookie ||
			a.development != (test.host != "") || strings.Join(a.hosts, " ") != test.host {
			t.Errorf("%s: URL %q, origin %q, cookie %q, development %t, hosts %q; want %+v",
				test.url, a.BaseURL(), a.origin, a.cookieName, a.development, a.hosts, test)
		}
	}
}
