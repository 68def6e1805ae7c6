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
	// Handler is the whole application as main serves it, [auth.Auth.Handler]
	// and other middleware included.
	Handler http.Handler
	// Auth is what Handler was made with.
	Auth *auth.Auth
	// Routes is the table that was given to [auth.Auth.Register].
	Routes []auth.Route
	// NewEmail returns an address that may sign up, and that it has not returned
	// before. Default a random one below example.org.
	NewEmail func() string
}

// largeHeader is how large a header of a request may be at least, whatever the
// settings of the server are.
const largeHeader = 64 << 10

// serve serves the application, over TLS if its base URL is https. Connections
// that the transport makes reach it, whatever the host is.
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
		// The name that the certificate of httptest is for.
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: "example.com"}
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}
