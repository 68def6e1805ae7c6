package auth

import "context"

// Event logs a security event, under its name in the OWASP logging vocabulary
// where it has one there, with who sent the request that ctx belongs to. Give it
// no password, cookie or token.
func (a *Auth) Event(ctx context.Context, name string, args ...any) {
	if v, ok := stateFrom(ctx); ok {
		args = append(args, "client", v.client.address(), "user_agent", v.client.userAgent)
	}
	if s, ok := SessionFrom(ctx); ok {
		args = append(args, "session_user", s.userID.String(), "session", s.id.handle())
	}
	a.config.Logger.InfoContext(ctx, name, args...)
}
