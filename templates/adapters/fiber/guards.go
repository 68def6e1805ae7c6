//authgen:if fiber

package auth

import "github.com/gofiber/fiber/v3"

// RequireUser is a guard: what comes after it is called only for a visitor whom
// the secure check confirms. Everybody else gets 401.
func (a *Auth) RequireUser(c fiber.Ctx) error {
	return a.guard(c, Principal.mustBeUser)
}

// RequireFresh is a guard for what changes credentials, sessions and roles: what
// comes after it is called only for a user whose password was checked within
// Config.FreshFor. Other users get 403 with the code "reauthentication_required".
func (a *Auth) RequireFresh(c fiber.Ctx) error {
	return a.guard(c, Principal.mustBeFresh)
}

// RequireRole returns a guard that lets only users pass with the role or a higher
// one. Other users get 403.
func (a *Auth) RequireRole(role Role) fiber.Handler {
	return func(c fiber.Ctx) error {
		return a.guard(c, func(p Principal) error { return p.mustBe(role) })
	}
}

// RequirePermission returns a guard that lets only users pass whose role grants
// the permission. Other users get 403.
//
//authgen:if permissions
func (a *Auth) RequirePermission(permission Permission) fiber.Handler {
	return func(c fiber.Ctx) error {
		return a.guard(c, func(p Principal) error { return p.mustHave(permission) })
	}
}

// guard makes the secure check and goes on only if allow has no objection.
func (a *Auth) guard(c fiber.Ctx, allow func(Principal) error) error {
	if err := a.admit(requestOf(c)); err != nil {
		return a.WriteError(c, err)
	}
	v := a.visit(c)
	defer v.flush(c)
	p, err := Verify(c.Context())
	if err == nil {
		err = allow(p)
	}
	if err != nil {
		return a.WriteError(c, err)
	}
	return c.Next()
}
