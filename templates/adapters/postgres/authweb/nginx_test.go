//authgen:if false

package authweb

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
)

// A browser reaches the application through nginx, which ends TLS and has the locations of
// docs/frontends.md: one that removes a path, and one that uses a Unix socket.
//
// The test has nothing to do with PostgreSQL. It is here because this database is only tested
// together with net/http.
func TestNginx(t *testing.T) {
	nginx := os.Getenv("TEST_NGINX")
	if nginx == "" {
		t.Skip("TEST_NGINX is not set: it is the nginx program to run")
	}
	page, err := os.ReadFile("../../../docs/frontends.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := regexp.MustCompile("(?s)```nginx\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(documented) != 2 {
		t.Fatalf("docs/frontends.md has %d examples for nginx, want 2", len(documented))
	}
	stripping, socket := documented[0][1], documented[1][1]

	dir := t.TempDir()
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	origin := "https://localhost:" + port
	authority := certify(t, dir)

	var events, socketEvents synchronized
	stripped := httptest.NewServer(behindProxy(t, auth.Config{
		BaseURL:        origin + "/app",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	}, &events))
	t.Cleanup(stripped.Close)
	stripping = replaceOnce(t, stripping, "http://127.0.0.1:8080", stripped.URL)

	// The path of a socket must be short.
	short, err := os.MkdirTemp("/tmp", "nginx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	path := filepath.Join(short, "http.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	onSocket := &httptest.Server{Listener: listener, Config: &http.Server{
		Handler: behindProxy(t, auth.Config{BaseURL: origin, TrustUnixSocket: true}, &socketEvents),
	}}
	onSocket.Start()
	t.Cleanup(onSocket.Close)
	socket = replaceOnce(t, socket, "/run/app/http.sock", path)

	for _, name := range []string{short, path} { // the workers have another user
		if err := os.Chmod(name, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	run(t, nginx, dir, fmt.Sprintf(`
daemon off;
error_log stderr;
pid %[1]s/pid;
events {}
http {
	access_log off;
	client_body_temp_path %[2]s/body;
	proxy_temp_path %[2]s/proxy;
	fastcgi_temp_path %[2]s/fastcgi;
	uwsgi_temp_path %[2]s/uwsgi;
	scgi_temp_path %[2]s/scgi;
	server {
		listen %[3]s ssl;
		ssl_certificate %[1]s/cert.pem;
		ssl_certificate_key %[1]s/key.pem;
		%[4]s
		%[5]s
	}
}
`, dir, short, address, stripping, socket), address)

	for _, test := range []struct {
		name, base string
		events     *synchronized
	}{{"path removed", "/app", &events}, {"Unix socket", "", &socketEvents}} {
		t.Run(test.name, func(t *testing.T) {
			b := newBrowser(t, authority, origin)
			home := test.base + "/"

			// The gate redirects to the login page, as the browser sees the paths.
			response := b.get(t, test.base+"/account")
			location, want := response.Header.Get("Location"), test.base+"/login?next=%2Faccount"
			if response.StatusCode != http.StatusSeeOther || location != want {
				t.Errorf("/account: %d to %q, want %d to %q", response.StatusCode, location, http.StatusSeeOther, want)
			}
			credentials := map[string]string{"email": "ann@example.org", "password": rand.Text()}
			if response := b.post(t, test.base+"/auth/signup", "https://evil.example", credentials); response.StatusCode != http.StatusForbidden {
				t.Errorf("sign-up from another origin: %d, want %d", response.StatusCode, http.StatusForbidden)
			}
			response = b.post(t, test.base+"/auth/signup", origin, credentials)
			if response.StatusCode != http.StatusCreated {
				t.Fatalf("sign-up: %d, want %d", response.StatusCode, http.StatusCreated)
			}
			response = b.post(t, test.base+"/auth/login", origin, credentials)
			if response.StatusCode != http.StatusOK {
				t.Fatalf("login: %d, want %d", response.StatusCode, http.StatusOK)
			}
			cookies := response.Cookies()
			for _, c := range cookies {
				if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || c.Path != "/" {
					t.Errorf("cookie %s, want one with the prefix __Host-, and what that requires", c)
				}
			}
			if len(cookies) == 0 {
				t.Error("the login sets no cookie")
			}
			if response := b.get(t, test.base+"/private"); response.StatusCode != http.StatusOK {
				t.Errorf("/private for a user: %d, want %d", response.StatusCode, http.StatusOK)
			}

			// Whatever address the client claims to have, nginx adds the one that counts.
			logged := test.events.String()
			clients := regexp.MustCompile(`"client":"([^"]*)"`).FindAllStringSubmatch(logged, -1)
			for _, c := range clients {
				if c[1] != clientAddress {
					t.Errorf("an event of client %s, want %s", c[1], clientAddress)
				}
			}
			if len(clients) == 0 {
				t.Errorf("no event has a client:\n%s", logged)
			}

			// The login page sends users home.
			response = b.get(t, test.base+"/login")
			if location := response.Header.Get("Location"); location != home {
				t.Errorf("/login for a user: %d to %q, want a redirect to %q", response.StatusCode, location, home)
			}
		})
	}
}

// behindProxy returns an application. It writes a line of JSON for each event.
func behindProxy(t *testing.T, config auth.Config, events io.Writer) http.Handler {
	t.Helper()
	config.Logger = slog.New(slog.NewJSONHandler(events, nil))
	config.DB, config.Keys = authtest.NewDatabase(t), authtest.NewKeys()
	//authgen:if redis
	config.Redis = authtest.NewRedis(t)
	//authgen:end
	a, err := auth.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Wait)
	return newApp(a).Handler
}

// run runs nginx until the test ends, and returns once it listens.
func run(t *testing.T, nginx, dir, config, address string) {
	t.Helper()
	name := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, nginx, "-p", dir, "-c", name)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.Stderr = &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if t.Failed() {
			t.Logf("nginx: %s", &output)
		}
	})
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatal("nginx ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// certify writes a certificate for localhost and its key, and returns the authority to
// trust.
func certify(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, data := range map[string][]byte{
		"cert.pem": certificate,
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	return pool
}

// clientAddress is where the browser is. The proxy is on another address of this machine.
const clientAddress = "127.0.0.2"

// browser sends what a browser sends for a page of the application, follows no redirect,
// and claims to have an address that it does not have.
type browser struct {
	client *http.Client
	origin string
}

func newBrowser(t *testing.T, authority *x509.CertPool, origin string) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientAddress)}}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority}, DialContext: dialer.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return browser{&http.Client{
		Jar:           jar,
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, origin}
}

func (b browser) get(t *testing.T, path string) *http.Response {
	t.Helper()
	return b.send(t, http.MethodGet, path, http.Header{"Sec-Fetch-Mode": {"navigate"}, "Accept": {"text/html"}}, nil)
}

func (b browser) post(t *testing.T, path, origin string, body any) *http.Response {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return b.send(t, http.MethodPost, path, http.Header{"Origin": {origin}, "Content-Type": {"application/json"}}, data)
}

func (b browser) send(t *testing.T, method, path string, header http.Header, body []byte) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.origin+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	request.Header.Set("X-Forwarded-For", "203.0.113.7")
	response, err := b.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode >= http.StatusInternalServerError {
		text, _ := io.ReadAll(response.Body)
		t.Logf("%s %s: %d %s", method, path, response.StatusCode, text)
	}
	return response
}

// synchronized is a buffer that several goroutines may use.
type synchronized struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (s *synchronized) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.Write(data)
}

func (s *synchronized) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.String()
}

// freeAddress returns an address of this machine that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func replaceOnce(t *testing.T, text, old, replacement string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q occurs %d times, want once:\n%s", old, strings.Count(text, old), text)
	}
	return strings.Replace(text, old, replacement, 1)
}
