package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/authgen/authgen/templates/auth"
)

// addUser creates a user with a password from standard input.
func addUser(ctx context.Context, a *auth.Auth, email, roleName string) error {
	role, err := auth.ParseRole(roleName)
	if err != nil {
		return err
	}
	password, err := newPassword(ctx, os.Stdin)
	if err != nil {
		return fmt.Errorf("read the password: %w", err)
	}
	u, err := a.CreateUser(ctx, auth.NewUser{Email: email, Password: password, Role: role})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "created %s as %s\n", u.Email, u.Role)
	return nil
}

// newPassword reads a password: twice from a terminal, which does not show it, and
// otherwise the first line.
func newPassword(ctx context.Context, in *os.File) (string, error) {
	if !term.IsTerminal(int(in.Fd())) {
		line, err := bufio.NewReader(in).ReadString('\n')
		if line == "" && err != nil {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	password, err := askPassword(ctx, in, "password: ")
	if err != nil {
		return "", err
	}
	again, err := askPassword(ctx, in, "once more: ")
	if err != nil {
		return "", err
	}
	if again != password {
		return "", errors.New("the two are not the same")
	}
	return password, nil
}

// askPassword asks for a password at a terminal. If ctx is done first, as on Ctrl-C, the
// terminal shows again what is typed.
func askPassword(ctx context.Context, terminal *os.File, prompt string) (string, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	fmt.Fprint(os.Stderr, prompt)
	go func() {
		text, err := term.ReadPassword(fd)
		read <- line{text, err}
	}()
	select {
	case l := <-read:
		fmt.Fprintln(os.Stderr)
		return string(l.text), l.err
	case <-ctx.Done():
		fmt.Fprintln(os.Stderr)
		return "", errors.Join(ctx.Err(), term.Restore(fd, before))
	}
}
