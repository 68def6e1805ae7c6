// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import "example.com/fiber-sqlite/internal/auth"

func (h handlers) logIn(r *auth.Request) (auth.Answer, error) {
	var in auth.Credentials
	if err := r.Read(in.Fields()); err != nil {
		return auth.Answer{}, err
	}
	user, err := h.auth.LogIn(r.Context(), in)
	return auth.Answer{Value: user}, err
}

func (h handlers) logOut(r *auth.Request) (auth.Answer, error) {
	return auth.Answer{}, h.auth.LogOut(r.Context(), r.Principal())
}

func (h handlers) reauthenticate(r *auth.Request) (auth.Answer, error) {
	var password string
	if err := r.Read(auth.Fields{"password": &password}); err != nil {
		return auth.Answer{}, err
	}
	return auth.Answer{}, h.auth.Reauthenticate(r.Context(), r.Principal(), password)
}
