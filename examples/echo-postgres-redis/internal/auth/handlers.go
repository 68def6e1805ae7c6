// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v5"
)

// The handlers decode strictly, call a flow or the data access layer, and
// answer. Whatever decides something is over there.

// endpoint answers a request, or returns the error to answer with.
type endpoint func(c *echo.Context) error

// userEndpoint is an endpoint that works for a principal.
type userEndpoint func(c *echo.Context, p Principal) error

// answer makes a handler of an endpoint.
func (a *Auth) answer(f endpoint) echo.HandlerFunc {
	return func(c *echo.Context) error {
		if err := f(c); err != nil {
			return a.WriteError(c, err)
		}
		return nil
	}
}

// answerTo makes a handler of an endpoint for users. It makes the secure check
// itself: the guard before it is the first of two.
func (a *Auth) answerTo(f userEndpoint) echo.HandlerFunc {
	return a.answer(func(c *echo.Context) error {
		p, err := Verify(c.Request().Context())
		if err != nil {
			return err
		}
		return f(c, p)
	})
}

func (a *Auth) handleSignUp(c *echo.Context) error {
	var in SignUp
	into := fields{"email": &in.Email, "password": &in.Password}
	in.Profile.addTo(into)
	if err := readJSON(c.Response(), c.Request(), into); err != nil {
		return err
	}
	user, err := a.SignUp(c.Request().Context(), in)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusCreated, user)
}

func (a *Auth) handleLogIn(c *echo.Context) error {
	var in LogIn
	into := fields{"email": &in.Email, "password": &in.Password}
	into["remember"] = &in.Remember
	if err := readJSON(c.Response(), c.Request(), into); err != nil {
		return err
	}
	user, session, err := a.LogIn(c.Request().Context(), in)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	return writeJSON(c, http.StatusOK, user)
}

func (a *Auth) handleLogOut(c *echo.Context, p Principal) error {
	if err := a.LogOut(c.Request().Context(), p); err != nil {
		return err
	}
	a.SetSession(c, Session{})
	return c.NoContent(http.StatusNoContent)
}

func (a *Auth) handleReauthenticate(c *echo.Context, p Principal) error {
	var password string
	if err := readJSON(c.Response(), c.Request(), fields{"password": &password}); err != nil {
		return err
	}
	session, err := a.Reauthenticate(c.Request().Context(), p, password)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	return c.NoContent(http.StatusNoContent)
}

func (a *Auth) handleMe(c *echo.Context, p Principal) error {
	me, err := a.DAL().Me(c.Request().Context(), p)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, me)
}

func (a *Auth) handleUpdateMe(c *echo.Context, p Principal) error {
	var in ProfileInput
	into := fields{}
	in.addTo(into)
	if err := readJSON(c.Response(), c.Request(), into); err != nil {
		return err
	}
	me, err := a.DAL().UpdateProfile(c.Request().Context(), p, in)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, me)
}

func (a *Auth) handleChangePassword(c *echo.Context, p Principal) error {
	var in ChangePassword
	if err := readJSON(c.Response(), c.Request(), fields{"current": &in.Current, "new": &in.New}); err != nil {
		return err
	}
	session, err := a.ChangePassword(c.Request().Context(), p, in)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	return c.NoContent(http.StatusNoContent)
}

func (a *Auth) handleSessions(c *echo.Context, p Principal) error {
	devices, err := a.DAL().Sessions(c.Request().Context(), p)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, map[string][]Device{"sessions": devices})
}

func (a *Auth) handleEndSession(c *echo.Context, p Principal) error {
	if err := a.DAL().EndSession(c.Request().Context(), p, pathID(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *Auth) handleEndOtherSessions(c *echo.Context, p Principal) error {
	session, err := a.EndOtherSessions(c.Request().Context(), p)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	return c.NoContent(http.StatusNoContent)
}

func (a *Auth) handleDeleteMe(c *echo.Context, p Principal) error {
	if err := a.DeleteAccount(c.Request().Context(), p); err != nil {
		return err
	}
	a.SetSession(c, Session{})
	return c.NoContent(http.StatusNoContent)
}

func (a *Auth) handleUsers(c *echo.Context, p Principal) error {
	var after UserID
	limit := 50
	if s := c.QueryParam("cursor"); s != "" {
		if err := after.UnmarshalText([]byte(s)); err != nil {
			return &InputError{Fields: map[string]string{"cursor": "is not one that was handed out"}}
		}
	}
	if s := c.QueryParam("limit"); s != "" {
		limit, _ = strconv.Atoi(s) // 0, which is refused, if it is no number
	}
	page, err := a.DAL().Users(c.Request().Context(), p, after, limit)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, page)
}

func (a *Auth) handleUser(c *echo.Context, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	user, err := a.DAL().User(c.Request().Context(), p, id)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, user)
}

func (a *Auth) handleSetRole(c *echo.Context, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	var name string
	if err := readJSON(c.Response(), c.Request(), fields{"role": &name}); err != nil {
		return err
	}
	role, _ := ParseRole(name) // the zero Role, which is refused, if it is none
	if err := a.DAL().SetRole(c.Request().Context(), p, id, role); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *Auth) handleSetDisabled(c *echo.Context, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	var disabled *bool
	if err := readJSON(c.Response(), c.Request(), fields{"disabled": &disabled}); err != nil {
		return err
	}
	var invalid InputError
	if disabled == nil {
		invalid.check("disabled", errors.New("is missing"))
		return invalid.err()
	}
	if err := a.DAL().SetDisabled(c.Request().Context(), p, id, *disabled); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *Auth) handleEndUserSessions(c *echo.Context, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	if err := a.DAL().EndSessions(c.Request().Context(), p, id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// pathUser returns the user that the path names. What is no id names nobody.
func pathUser(c *echo.Context) (UserID, error) {
	id, err := ParseUserID(pathID(c))
	if err != nil {
		return UserID{}, ErrNotFound
	}
	return id, nil
}
