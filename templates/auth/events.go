package auth

import "context"

// event logs a security event, under its name in the OWASP logging vocabulary
// where it has one there. It never takes a password, a cookie or a session id.
func (a *Auth) event(ctx context.Context, name string, args ...any) {
	if v, ok := visitFrom(ctx); ok {
		args = append(args, "client", v.client.address(), "user_agent", v.client.userAgent)
	}
	if s, ok := SessionFrom(ctx); ok {
		args = append(args, "session_user", s.userID.String(), "session", s.id.handle())
	}
	a.config.Logger.InfoContext(ctx, name, args...)
}
