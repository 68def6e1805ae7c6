// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"net/http"

	"example.com/echo-postgres-redis/internal/auth"
)

func (h handlers) signUp(r *auth.Request) (auth.Answer, error) {
	var in auth.SignUpInput
	if err := r.Read(in.Fields()); err != nil {
		return auth.Answer{}, err
	}
	user, err := h.auth.SignUp(r.Context(), in)
	return auth.Answer{Status: http.StatusCreated, Value: user}, err
}
