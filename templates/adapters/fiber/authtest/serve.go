//authgen:if fiber

package authtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/gofiber/fiber/v3"
)

// App is an application under test.
type App struct {
	// App is the whole application as main serves it, [auth.Auth.Middleware] and
	// other middleware included.
	App *fiber.App
	// Auth is the Auth that App uses.
	Auth *auth.Auth
	// Routes is the table of routes that [auth.Auth.Register] got.
	Routes []auth.Route
	// NewEmail returns an address that may sign up, a different one for each call. If
	// it is nil, addresses are random and end in @example.org.
	NewEmail func() string
}

// largeHeader is the size of a large request header that servers with any settings
// accept. Without ReadBufferSize, fiber's limit for all headers is 4096 bytes.
const largeHeader = 3 << 10

// serve serves the application, over TLS if its base URL is https. The transport
// connects to it, whatever the host of a request is.
func serve(t testing.TB, app App) *http.Transport {
	t.Helper()
	if app.App == nil || app.Auth == nil {
		t.Fatal("authtest: App.App and App.Auth must both be set")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("authtest: %v", err)
	}
	address := listener.Addr().String()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		DisableCompression: true,
	}
	if strings.HasPrefix(app.Auth.BaseURL(), "https:") {
		// The certificate of httptest is for example.com.
		other := httptest.NewTLSServer(nil)
		other.Close()
		roots := x509.NewCertPool()
		roots.AddCert(other.Certificate())
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: "example.com"}
		listener = tls.NewListener(listener, &tls.Config{Certificates: other.TLS.Certificates})
	}
	app.App.Handler() // indexes the routes
	served := make(chan error, 1)
	go func() { served <- app.App.Server().Serve(listener) }()
	t.Cleanup(func() {
		// The server itself is not shut down, so that it can serve again.
		_ = listener.Close()
		if err := <-served; err != nil {
			t.Errorf("authtest: %v", err)
		}
	})
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}
