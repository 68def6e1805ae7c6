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
)

// App is an application under test.
type App struct {
	// Handler is the whole application as main serves it, [auth.Auth.Middleware]
	// and other middleware included, but without an [http.StripPrefix] that removes
	// the path of BaseURL.
	Handler http.Handler
	// Auth is the Auth that Handler uses.
	Auth *auth.Auth
	// Routes is the table of routes that [auth.Auth.Register] got.
	Routes []auth.Route
	// NewEmail returns an address that may sign up, a different one for each call. If
	// it is nil, addresses are random and end in @example.org.
	NewEmail func() string
}

// largeHeader is the size of a large request header that servers with any settings
// accept.
const largeHeader = 64 << 10

// serve serves the application, over TLS if its base URL is https. The transport
// connects to it, whatever the host of a request is.
func serve(t testing.TB, app App) *http.Transport {
	t.Helper()
	if app.Handler == nil || app.Auth == nil {
		t.Fatal("authtest: App.Handler and App.Auth must both be set")
	}
	server := httptest.NewUnstartedServer(app.Handler)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
		},
		DisableCompression: true,
	}
	if strings.HasPrefix(app.Auth.BaseURL(), "https:") {
		server.StartTLS()
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		// The certificate of httptest is for this name.
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: "example.com"}
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}
