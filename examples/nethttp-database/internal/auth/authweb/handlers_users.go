// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"strconv"

	"example.com/nethttp-database/internal/auth"
)

func (h handlers) users(r *auth.Request) (auth.Answer, error) {
	var after auth.UserID
	limit := 50
	if s := r.Query("cursor"); s != "" {
		if err := after.UnmarshalText([]byte(s)); err != nil {
			return auth.Answer{}, auth.NewInputError("cursor", "not_a_cursor", "is not a valid cursor")
		}
	}
	if s := r.Query("limit"); s != "" {
		limit, _ = strconv.Atoi(s) // 0 if s is not a number, which Users refuses
	}
	page, err := h.auth.DAL().Users(r.Context(), r.Principal(), after, limit)
	return auth.Answer{Value: page}, err
}

func (h handlers) user(r *auth.Request) (auth.Answer, error) {
	id, err := pathUser(r)
	if err != nil {
		return auth.Answer{}, err
	}
	user, err := h.auth.DAL().User(r.Context(), r.Principal(), id)
	return auth.Answer{Value: user}, err
}

func (h handlers) setRole(r *auth.Request) (auth.Answer, error) {
	id, err := pathUser(r)
	if err != nil {
		return auth.Answer{}, err
	}
	var name string
	if err := r.Read(auth.Fields{"role": &name}); err != nil {
		return auth.Answer{}, err
	}
	role, _ := auth.ParseRole(name) // the zero Role if name is unknown, which SetRole refuses
	return auth.Answer{}, h.auth.DAL().SetRole(r.Context(), r.Principal(), id, role)
}

func (h handlers) setDisabled(r *auth.Request) (auth.Answer, error) {
	id, err := pathUser(r)
	if err != nil {
		return auth.Answer{}, err
	}
	var disabled *bool
	if err := r.Read(auth.Fields{"disabled": &disabled}); err != nil {
		return auth.Answer{}, err
	}
	if disabled == nil {
		return auth.Answer{}, auth.NewInputError("disabled", "missing", "is missing")
	}
	return auth.Answer{}, h.auth.DAL().SetDisabled(r.Context(), r.Principal(), id, *disabled)
}

func (h handlers) endUserSessions(r *auth.Request) (auth.Answer, error) {
	id, err := pathUser(r)
	if err != nil {
		return auth.Answer{}, err
	}
	return auth.Answer{}, h.auth.DAL().EndUserSessions(r.Context(), r.Principal(), id)
}

// pathUser returns the user id in the path. A malformed id is not found.
func pathUser(r *auth.Request) (auth.UserID, error) {
	id, err := auth.ParseUserID(r.PathValue("id"))
	if err != nil {
		return id, auth.ErrNotFound
	}
	return id, nil
}
