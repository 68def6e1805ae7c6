// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// The handlers decode strictly, call a flow or the data access layer, and
// answer. Whatever decides something is over there.

// endpoint answers a request, or returns the error to answer with.
type endpoint func(c *gin.Context) error

// userEndpoint is an endpoint that works for a principal.
type userEndpoint func(c *gin.Context, p Principal) error

// answer makes a handler of an endpoint.
func (a *Auth) answer(f endpoint) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := f(c); err != nil {
			a.WriteError(c, err)
		}
	}
}

// answerTo makes a handler of an endpoint for users. It makes the secure check
// itself: the guard before it is the first of two.
func (a *Auth) answerTo(f userEndpoint) gin.HandlerFunc {
	return a.answer(func(c *gin.Context) error {
		p, err := Verify(c.Request.Context())
		if err != nil {
			return err
		}
		return f(c, p)
	})
}

func (a *Auth) handleSignUp(c *gin.Context) error {
	var in SignUp
	into := fields{"email": &in.Email, "password": &in.Password}
	in.Profile.addTo(into)
	if err := readJSON(c.Writer, c.Request, into); err != nil {
		return err
	}
	user, err := a.SignUp(c.Request.Context(), in)
	if err != nil {
		return err
	}
	writeJSON(c, http.StatusCreated, user)
	return nil
}

func (a *Auth) handleLogIn(c *gin.Context) error {
	var in LogIn
	into := fields{"email": &in.Email, "password": &in.Password}
	into["remember"] = &in.Remember
	if err := readJSON(c.Writer, c.Request, into); err != nil {
		return err
	}
	user, session, err := a.LogIn(c.Request.Context(), in)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	writeJSON(c, http.StatusOK, user)
	return nil
}

func (a *Auth) handleLogOut(c *gin.Context, p Principal) error {
	if err := a.LogOut(c.Request.Context(), p); err != nil {
		return err
	}
	a.SetSession(c, Session{})
	c.Status(http.StatusNoContent)
	return nil
}

func (a *Auth) handleReauthenticate(c *gin.Context, p Principal) error {
	var password string
	if err := readJSON(c.Writer, c.Request, fields{"password": &password}); err != nil {
		return err
	}
	session, err := a.Reauthenticate(c.Request.Context(), p, password)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	c.Status(http.StatusNoContent)
	return nil
}

func (a *Auth) handleMe(c *gin.Context, p Principal) error {
	me, err := a.DAL().Me(c.Request.Context(), p)
	if err != nil {
		return err
	}
	writeJSON(c, http.StatusOK, me)
	return nil
}

func (a *Auth) handleUpdateMe(c *gin.Context, p Principal) error {
	var in ProfileInput
	into := fields{}
	in.addTo(into)
	if err := readJSON(c.Writer, c.Request, into); err != nil {
		return err
	}
	me, err := a.DAL().UpdateProfile(c.Request.Context(), p, in)
	if err != nil {
		return err
	}
	writeJSON(c, http.StatusOK, me)
	return nil
}

func (a *Auth) handleChangePassword(c *gin.Context, p Principal) error {
	var in ChangePassword
	if err := readJSON(c.Writer, c.Request, fields{"current": &in.Current, "new": &in.New}); err != nil {
		return err
	}
	session, err := a.ChangePassword(c.Request.Context(), p, in)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	c.Status(http.StatusNoContent)
	return nil
}

func (a *Auth) handleEndOtherSessions(c *gin.Context, p Principal) error {
	session, err := a.EndOtherSessions(c.Request.Context(), p)
	if err != nil {
		return err
	}
	a.SetSession(c, session)
	c.Status(http.StatusNoContent)
	return nil
}

func (a *Auth) handleDeleteMe(c *gin.Context, p Principal) error {
	if err := a.DeleteAccount(c.Request.Context(), p); err != nil {
		return err
	}
	a.SetSession(c, Session{})
	c.Status(http.StatusNoContent)
	return nil
}

func (a *Auth) handleUsers(c *gin.Context, p Principal) error {
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
	page, err := a.DAL().Users(c.Request.Context(), p, after, limit)
	if err != nil {
		return err
	}
	writeJSON(c, http.StatusOK, page)
	return nil
}

func (a *Auth) handleUser(c *gin.Context, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	user, err := a.DAL().User(c.Request.Context(), p, id)
	if err != nil {
		return err
	}
	writeJSON(c, http.StatusOK, user)
	return nil
}

func (a *Auth) handleSetRole(c *gin.Context, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	var name string
	if err := readJSON(c.Writer, c.Request, fields{"role": &name}); err != nil {
		return err
	}
	role, _ := ParseRole(name) // the zero Role, which is refused, if it is none
	if err := a.DAL().SetRole(c.Request.Context(), p, id, role); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (a *Auth) handleSetDisabled(c *gin.Context, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	var disabled *bool
	if err := readJSON(c.Writer, c.Request, fields{"disabled": &disabled}); err != nil {
		return err
	}
	var invalid InputError
	if disabled == nil {
		invalid.check("disabled", errors.New("is missing"))
		return invalid.err()
	}
	if err := a.DAL().SetDisabled(c.Request.Context(), p, id, *disabled); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (a *Auth) handleEndUserSessions(c *gin.Context, p Principal) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	if err := a.DAL().EndSessions(c.Request.Context(), p, id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// pathUser returns the user that the path names. What is no id names nobody.
func pathUser(c *gin.Context) (UserID, error) {
	id, err := ParseUserID(c.Param("id"))
	if err != nil {
		return UserID{}, ErrNotFound
	}
	return id, nil
}
