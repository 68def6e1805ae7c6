//authgen:if fiber

package main

import (
	"context"
	"log"
	"net"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/authgen/authgen/templates/auth"
)

// serve answers requests until ctx is done, and then waits for those in progress.
func serve(ctx context.Context, addr string, a *auth.Auth) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	app := newApp(a)
	failed := make(chan error, 1)
	//authgen:if !fiber2
	go func() { failed <- app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true}) }()
	//authgen:end
	//authgen:if fiber2
	go func() { failed <- app.Listener(listener) }()
	//authgen:end
	log.Printf("listening on %s, open %s", addr, a.BaseURL())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Print("shutting down")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return app.ShutdownWithContext(ctx)
}
