//authgen:if signup
//authgen:class yours

package authweb

import (
	"net/http"

	"github.com/authgen/authgen/templates/auth"
)

func (h handlers) signUp(r *auth.Request) (auth.Answer, error) {
	var in auth.SignUpInput
	if err := r.Read(in.Fields()); err != nil {
		return auth.Answer{}, err
	}
	user, err := h.auth.SignUp(r.Context(), in)
	return auth.Answer{Status: http.StatusCreated, Value: user}, err
}
