//authgen:if fiber

package auth

import "github.com/gofiber/fiber/v3"

// RequireUser is a guard: what comes after it is called only for a visitor whom
// the secure check confirms. Everybody else gets 401.
func (a *Auth) RequireUser(c fiber.Ctx) error {
	return a.guard(c, Principal.Require)
}

// RequireFresh is a guard for what changes credentials, sessions and roles: what
// comes after it is called only for a user whose credentials were checked within
// Config.FreshFor. Other users get 403 with the code "reauthentication_required".
func (a *Auth) RequireFresh(c fiber.Ctx) error {
	return a.guard(c, Principal.RequireFresh)
}

// RequireRole returns a guard that lets only users pass with the role or a higher
// one. Other users get 403.
func (a *Auth) RequireRole(role Role) fiber.Handler {
	return func(c fiber.Ctx) error {
		return a.guard(c, func(p Principal) error { return p.RequireRole(role) })
	}
}

// RequirePermission returns a guard that lets only users pass whose role grants
// the permission. Other users get 403.
//
//authgen:if permissions
func (a *Auth) RequirePermission(permission Permission) fiber.Handler {
	return func(c fiber.Ctx) error {
		return a.guard(c, func(p Principal) error { return p.RequirePermission(permission) })
	}
}

// guard makes the secure check and goes on only if allow has no objection.
func (a *Auth) guard(c fiber.Ctx, allow func(Principal) error) error {
	if err := a.confirm(c, allow); err != nil {
		return a.WriteError(c, err)
	}
	rs := a.state(c)
	defer rs.flush(c)
	return c.Next()
}

// confirm makes the secure check and returns an error unless allow has no
// objection. Whoever calls it has to flush the state, after all that sets headers.
func (a *Auth) confirm(c fiber.Ctx, allow func(Principal) error) error {
	if err := a.checkOrigin(requestOf(c)); err != nil {
		return err
	}
	a.state(c)
	p, err := Verify(c.Context())
	if err != nil {
		return err
	}
	return allow(p)
}
