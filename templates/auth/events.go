package auth

import "context"

// event logs a security event under its name in the OWASP logging vocabulary. It
// never takes a password, a cookie or a session id.
func (a *Auth) event(ctx context.Context, name string, args ...any) {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		args = append(args, "client", v.client.addr.String(), "user_agent", v.client.userAgent)
		if v.session.exists() {
			args = append(args, "session_user", v.session.userID.String(), "session", v.session.id.handle())
		}
	}
	a.config.Logger.InfoContext(ctx, name, args...)
}
