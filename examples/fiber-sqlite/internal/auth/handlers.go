// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v3"
)

// The handlers decode strictly, call a flow or the data access layer, and
// answer. Whatever decides something is over there.

// endpoint answers a request, or returns the error to answer with.
type endpoint func(c fiber.Ctx) error

// userEndpoint is an endpoint that works for a principal.
type userEndpoint func(c fiber.Ctx, p Principal) error

// answer makes a handler of an endpoint.
func (a *Auth) answer(f endpoint) fiber.Handler {
	return func(c fiber.Ctx) error {
		if err := f(c); err != nil {
			return a.WriteError(c, err)
		}
		return nil
	}
}

// answerTo makes a handler of an endpoint for users. It makes the secure check
// itself: the guard before it is the first of two.
func (a *Auth) answerTo(f userEndpoint) fiber.Handler {
	return a.answer(func(c fiber.Ctx) error {
		p, err := Verify(c.Context())
		if err != nil {
			return err
		}
		return f(c, p)
	})
}

func (a *Auth) handleSignUp(c fiber.Ctx) error {
	var in SignUp
	into := fields{"email": &in.Email, "password": &in.Password}
	in.Profile.addTo(into)
	if err := readJSON(c, into); err != nil {
		return err
	}
	user, err := a.SignUp(c.Context(), in)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, user)
}

func (a *Auth) handleLogIn(c fiber.Ctx) error {
	var in LogIn
	into := fields{"email": &in.Email, "password": &in.Password}
	into["remember"] = &in.Remember
	if err := readJSON(c, into); err != nil {
		return err
	}
	user, session, err := a.LogIn(c.Context(), in)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	return writeJSON(c, fiber.StatusOK, user)
}

func (a *Auth) handleLogOut(c fiber.Ctx, p Principal) error {
	if err := a.LogOut(c.Context(), p); err != nil {
		return err
	}
	a.SetSession(c, Session{})
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) handleReauthenticate(c fiber.Ctx, p Principal) error {
	var password string
	if err := readJSON(c, fields{"password": &password}); err != nil {
		return err
	}
	session, err := a.Reauthenticate(c.Context(), p, password)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) handleMe(c fiber.Ctx, p Principal) error {
	me, err := a.DAL().Me(c.Context(), p)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, me)
}

func (a *Auth) handleUpdateMe(c fiber.Ctx, p Principal) error {
	var in ProfileInput
	into := fields{}
	in.addTo(into)
	if err := readJSON(c, into); err != nil {
		return err
	}
	me, err := a.DAL().UpdateProfile(c.Context(), p, in)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, me)
}

func (a *Auth) handleChangePassword(c fiber.Ctx, p Principal) error {
	var in ChangePassword
	if err := readJSON(c, fields{"current": &in.Current, "new": &in.New}); err != nil {
		return err
	}
	session, err := a.ChangePassword(c.Context(), p, in)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) handleSessions(c fiber.Ctx, p Principal) error {
	devices, err := a.DAL().Sessions(c.Context(), p)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, map[string][]Device{"sessions": devices})
}

func (a *Auth) handleEndSession(c fiber.Ctx, p Principal) error {
	if err := a.DAL().EndSession(c.Context(), p, pathID(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) handleEndOtherSessions(c fiber.Ctx, p Principal) error {
	session, err := a.EndOtherSessions(c.Context(), p)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) handleDeleteMe(c fiber.Ctx, p Principal) error {
	if err := a.DeleteAccount(c.Context(), p); err != nil {
		return err
	}
	a.SetSession(c, Session{})
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) handleUsers(c fiber.Ctx, p Principal) error {
	var after UserID
	limit := 50
	if s := c.Query("cursor"); s != "" {
		if err := after.UnmarshalText([]byte(s)); err != nil {
			return &InputError{Fields: map[string]string{"cursor": "is not one that was handed out"}}
		}
	}
	if s := c.Query("limit"); s != "" {
		limit, _ = strconv.Atoi(s) // 0, which is refused, if it is no number
	}
	page, err := a.DAL().Users(c.Context(), p, after, limit)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, page)
}

func (a *Auth) handleUser(c fiber.Ctx, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	user, err := a.DAL().User(c.Context(), p, id)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, user)
}

func (a *Auth) handleSetRole(c fiber.Ctx, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	var name string
	if err := readJSON(c, fields{"role": &name}); err != nil {
		return err
	}
	role, _ := ParseRole(name) // the zero Role, which is refused, if it is none
	if err := a.DAL().SetRole(c.Context(), p, id, role); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) handleSetDisabled(c fiber.Ctx, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	var disabled *bool
	if err := readJSON(c, fields{"disabled": &disabled}); err != nil {
		return err
	}
	var invalid InputError
	if disabled == nil {
		invalid.check("disabled", errors.New("is missing"))
		return invalid.err()
	}
	if err := a.DAL().SetDisabled(c.Context(), p, id, *disabled); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) handleEndUserSessions(c fiber.Ctx, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	if err := a.DAL().EndSessions(c.Context(), p, id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// pathUser returns the user that the path names. What is no id names nobody.
func pathUser(c fiber.Ctx) (UserID, error) {
	id, err := ParseUserID(pathID(c))
	if err != nil {
		return UserID{}, ErrNotFound
	}
	return id, nil
}
