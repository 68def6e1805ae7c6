//authgen:if fiber

package auth

import "github.com/gofiber/fiber/v3"

// RequireUser is a guard: the handlers after it run only for users whom the secure
// check confirms. Others get 401.
func (a *Auth) RequireUser(c fiber.Ctx) error {
	return a.guard(c, Principal.Require)
}

// RequireFresh is a guard for changes of credentials, sessions and roles: the handlers
// after it run only for users whose credentials were checked within Config.FreshFor.
// Other users get 403 with the code "reauthentication_required".
func (a *Auth) RequireFresh(c fiber.Ctx) error {
	return a.guard(c, Principal.RequireFresh)
}

// RequireRole returns a guard: the handlers after it run only for users with the role or
// a higher one. Other users get 403.
func (a *Auth) RequireRole(role Role) fiber.Handler {
	return func(c fiber.Ctx) error {
		return a.guard(c, func(p Principal) error { return p.RequireRole(role) })
	}
}

// RequirePermission returns a guard: the handlers after it run only for users whose role
// grants the permission. Other users get 403.
//
//authgen:if permissions
func (a *Auth) RequirePermission(permission Permission) fiber.Handler {
	return func(c fiber.Ctx) error {
		return a.guard(c, func(p Principal) error { return p.RequirePermission(permission) })
	}
}

// guard makes the secure check, and calls the next handler if allow returns nil.
func (a *Auth) guard(c fiber.Ctx, allow func(Principal) error) error {
	if err := a.confirm(c, allow); err != nil {
		return a.WriteError(c, err)
	}
	rs := a.state(c)
	defer rs.flush(c)
	return c.Next()
}

// confirm makes the secure check, and returns its error or that of allow. The caller
// must flush the state once all headers are set.
func (a *Auth) confirm(c fiber.Ctx, allow func(Principal) error) error {
	a.state(c)
	if err := a.checkOrigin(requestOf(c)); err != nil {
		return err
	}
	p, err := Verify(c.Context())
	if err != nil {
		return err
	}
	return allow(p)
}
