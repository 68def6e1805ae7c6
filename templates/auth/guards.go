package auth

import "net/http"

// RequireUser is a guard: it calls next only for users whom the secure check
// confirms. Others get 401.
func (a *Auth) RequireUser(next http.Handler) http.Handler {
	return a.guard(next, Principal.Require)
}

// RequireFresh is a guard for changes of credentials, sessions and roles: it calls
// next only for users whose credentials were checked within Config.FreshFor. Other
// users get 403 with the code "reauthentication_required".
func (a *Auth) RequireFresh(next http.Handler) http.Handler {
	return a.guard(next, Principal.RequireFresh)
}

// RequireRole returns a guard that calls the handler only for users with the role or
// a higher one. Other users get 403.
func (a *Auth) RequireRole(role Role) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return a.guard(next, func(p Principal) error { return p.RequireRole(role) })
	}
}

// RequirePermission returns a guard that calls the handler only for users whose
// role grants the permission. Other users get 403.
//
//authgen:if permissions
func (a *Auth) RequirePermission(permission Permission) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return a.guard(next, func(p Principal) error { return p.RequirePermission(permission) })
	}
}

// guard makes the secure check, and calls next if allow returns nil.
func (a *Auth) guard(next http.Handler, allow func(Principal) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, r = a.state(w, r)
		err := a.checkOrigin(r)
		if err == nil {
			var p Principal
			if p, err = Verify(r.Context()); err == nil {
				err = allow(p)
			}
		}
		if err != nil {
			a.WriteError(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
