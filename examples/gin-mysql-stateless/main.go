// This is a small web application in which people sign up, log in and see what
// their role lets them see.
//
// Its settings come from the environment, or from the file .env:
//
//	ADDR             where to listen; localhost:8080 by default
//	BASE_URL         where browsers reach it; http://ADDR by default, on localhost
//	                 if ADDR names no host
//	DATABASE_URL     the database; its default is in database.go
//	AUTH_KEYS        the keys that seal the session cookie, separated by commas
//	TRUSTED_PROXIES  the networks of the reverse proxies in front of it, separated
//	                 by commas; none by default
//	TRUSTED_ORIGINS  other origins whose pages may use it, such as that of a
//	                 development server, separated by commas; none by default
//
// Besides serving, it can create a user with any role, such as the first
// administrator. It asks for the password, or reads it from standard input:
//
//	go run . adduser ann@example.com admin
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"example.com/gin-mysql-stateless/internal/auth"
	"example.com/gin-mysql-stateless/internal/auth/authweb"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) error {
	if err := loadEnv(".env"); err != nil {
		return err
	}
	addr := cmp.Or(os.Getenv("ADDR"), "localhost:8080")
	baseURL, err := defaultBaseURL(addr)
	if err != nil {
		return fmt.Errorf("ADDR: %w", err)
	}
	baseURL = cmp.Or(os.Getenv("BASE_URL"), baseURL)
	keys, err := auth.ParseKeys(os.Getenv("AUTH_KEYS"))
	if err != nil {
		return fmt.Errorf("AUTH_KEYS: %w", err)
	}
	proxies, err := parsePrefixes(os.Getenv("TRUSTED_PROXIES"))
	if err != nil {
		return fmt.Errorf("TRUSTED_PROXIES: %w", err)
	}
	db, err := openDatabase(ctx, cmp.Or(os.Getenv("DATABASE_URL"), defaultDatabase))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	a, err := auth.New(auth.Config{
		DB:      db,
		Keys:    keys,
		BaseURL: baseURL,

		TrustedOrigins: split(os.Getenv("TRUSTED_ORIGINS")),
		TrustedProxies: proxies,
		Hooks:          authweb.Hooks(),
	})
	if err != nil {
		return fmt.Errorf("with BASE_URL=%s: %w", baseURL, err)
	}
	defer a.Wait()
	if err := a.CheckDatabase(ctx); err != nil {
		return err
	}

	switch {
	case len(args) == 0:
		return serve(ctx, addr, a)
	case len(args) == 3 && args[0] == "adduser":
		return addUser(ctx, a, args[1], args[2])
	}
	return errors.New("usage: go run . [adduser EMAIL ROLE]")
}

// defaultBaseURL returns where browsers on this machine reach what listens on addr.
func defaultBaseURL(addr string) (string, error) {
	host, portName, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("%w; give a host and a port, such as localhost:8080, or only :8080", err)
	}
	port, err := net.LookupPort("tcp", portName)
	if err != nil {
		return "", err
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost" // it listens on all addresses
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port)), nil
}

// split splits a list whose elements are separated by commas.
func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// parsePrefixes parses a list of networks, separated by commas.
func parsePrefixes(list string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range split(list) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		prefixes = append(prefixes, p)
	}
	return prefixes, nil
}

// loadEnv sets the variables in a file of NAME=value lines, except those that are set
// already. The file is optional.
func loadEnv(name string) error {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		if _, set := os.LookupEnv(name); set {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}
