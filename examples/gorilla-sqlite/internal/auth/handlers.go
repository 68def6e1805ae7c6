// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"errors"
	"net/http"
	"strconv"
)

// The handlers decode strictly, call a flow or the data access layer, and
// answer. Whatever decides something is over there.

// endpoint answers a request, or returns the error to answer with.
type endpoint func(w http.ResponseWriter, r *http.Request) error

// userEndpoint is an endpoint that works for a principal.
type userEndpoint func(w http.ResponseWriter, r *http.Request, p Principal) error

// answer makes a handler of an endpoint.
func (a *Auth) answer(f endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			a.WriteError(w, r, err)
		}
	}
}

// answerTo makes a handler of an endpoint for users. It makes the secure check
// itself: the guard before it is the first of two.
func (a *Auth) answerTo(f userEndpoint) http.HandlerFunc {
	return a.answer(func(w http.ResponseWriter, r *http.Request) error {
		p, err := Verify(r.Context())
		if err != nil {
			return err
		}
		return f(w, r, p)
	})
}

func (a *Auth) handleSignUp(w http.ResponseWriter, r *http.Request) error {
	var in SignUp
	into := fields{"email": &in.Email, "password": &in.Password}
	in.Profile.addTo(into)
	if err := readJSON(w, r, into); err != nil {
		return err
	}
	user, err := a.SignUp(r.Context(), in)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, user)
	return nil
}

func (a *Auth) handleLogIn(w http.ResponseWriter, r *http.Request) error {
	var in LogIn
	into := fields{"email": &in.Email, "password": &in.Password}
	into["remember"] = &in.Remember
	if err := readJSON(w, r, into); err != nil {
		return err
	}
	user, session, err := a.LogIn(r.Context(), in)
	if err != nil {
		return err
	}
	a.SetSession(w, r, session)
	writeJSON(w, http.StatusOK, user)
	return nil
}

func (a *Auth) handleLogOut(w http.ResponseWriter, r *http.Request, p Principal) error {
	if err := a.LogOut(r.Context(), p); err != nil {
		return err
	}
	a.SetSession(w, r, Session{})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Auth) handleReauthenticate(w http.ResponseWriter, r *http.Request, p Principal) error {
	var password string
	if err := readJSON(w, r, fields{"password": &password}); err != nil {
		return err
	}
	session, err := a.Reauthenticate(r.Context(), p, password)
	if err != nil {
		return err
	}
	a.SetSession(w, r, session)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Auth) handleMe(w http.ResponseWriter, r *http.Request, p Principal) error {
	me, err := a.DAL().Me(r.Context(), p)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, me)
	return nil
}

func (a *Auth) handleUpdateMe(w http.ResponseWriter, r *http.Request, p Principal) error {
	var in ProfileInput
	into := fields{}
	in.addTo(into)
	if err := readJSON(w, r, into); err != nil {
		return err
	}
	me, err := a.DAL().UpdateProfile(r.Context(), p, in)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, me)
	return nil
}

func (a *Auth) handleChangePassword(w http.ResponseWriter, r *http.Request, p Principal) error {
	var in ChangePassword
	if err := readJSON(w, r, fields{"current": &in.Current, "new": &in.New}); err != nil {
		return err
	}
	session, err := a.ChangePassword(r.Context(), p, in)
	if err != nil {
		return err
	}
	a.SetSession(w, r, session)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Auth) handleSessions(w http.ResponseWriter, r *http.Request, p Principal) error {
	devices, err := a.DAL().Sessions(r.Context(), p)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string][]Device{"sessions": devices})
	return nil
}

func (a *Auth) handleEndSession(w http.ResponseWriter, r *http.Request, p Principal) error {
	if err := a.DAL().EndSession(r.Context(), p, pathID(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Auth) handleEndOtherSessions(w http.ResponseWriter, r *http.Request, p Principal) error {
	session, err := a.EndOtherSessions(r.Context(), p)
	if err != nil {
		return err
	}
	a.SetSession(w, r, session)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Auth) handleDeleteMe(w http.ResponseWriter, r *http.Request, p Principal) error {
	if err := a.DeleteAccount(r.Context(), p); err != nil {
		return err
	}
	a.SetSession(w, r, Session{})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Auth) handleUsers(w http.ResponseWriter, r *http.Request, p Principal) error {
	var after UserID
	limit := 50
	query := r.URL.Query()
	if s := query.Get("cursor"); s != "" {
		if err := after.UnmarshalText([]byte(s)); err != nil {
			return &InputError{Fields: map[string]string{"cursor": "is not one that was handed out"}}
		}
	}
	if s := query.Get("limit"); s != "" {
		limit, _ = strconv.Atoi(s) // 0, which is refused, if it is no number
	}
	page, err := a.DAL().Users(r.Context(), p, after, limit)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}

func (a *Auth) handleUser(w http.ResponseWriter, r *http.Request, p Principal) error {
	id, err := pathUser(r)
	if err != nil {
		return err
	}
	user, err := a.DAL().User(r.Context(), p, id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, user)
	return nil
}

func (a *Auth) handleSetRole(w http.ResponseWriter, r *http.Request, p Principal) error {
	id, err := pathUser(r)
	if err != nil {
		return err
	}
	var name string
	if err := readJSON(w, r, fields{"role": &name}); err != nil {
		return err
	}
	role, _ := ParseRole(name) // the zero Role, which is refused, if it is none
	if err := a.DAL().SetRole(r.Context(), p, id, role); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Auth) handleSetDisabled(w http.ResponseWriter, r *http.Request, p Principal) error {
	id, err := pathUser(r)
	if err != nil {
		return err
	}
	var disabled *bool
	if err := readJSON(w, r, fields{"disabled": &disabled}); err != nil {
		return err
	}
	var invalid InputError
	if disabled == nil {
		invalid.check("disabled", errors.New("is missing"))
		return invalid.err()
	}
	if err := a.DAL().SetDisabled(r.Context(), p, id, *disabled); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Auth) handleEndUserSessions(w http.ResponseWriter, r *http.Request, p Principal) error {
	id, err := pathUser(r)
	if err != nil {
		return err
	}
	if err := a.DAL().EndSessions(r.Context(), p, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// pathUser returns the user that the path names. What is no id names nobody.
func pathUser(r *http.Request) (UserID, error) {
	id, err := ParseUserID(pathID(r))
	if err != nil {
		return UserID{}, ErrNotFound
	}
	return id, nil
}
