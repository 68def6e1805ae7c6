// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import "example.com/app/internal/auth"

func (h handlers) me(r *auth.Request) (auth.Answer, error) {
	me, err := h.auth.DAL().Me(r.Context(), r.Principal())
	return auth.Answer{Value: me}, err
}

func (h handlers) updateMe(r *auth.Request) (auth.Answer, error) {
	var in auth.ProfileInput
	if err := r.Read(in.Fields()); err != nil {
		return auth.Answer{}, err
	}
	me, err := h.auth.DAL().UpdateProfile(r.Context(), r.Principal(), in)
	return auth.Answer{Value: me}, err
}

func (h handlers) deleteMe(r *auth.Request) (auth.Answer, error) {
	return auth.Answer{}, h.auth.DeleteAccount(r.Context(), r.Principal())
}

func (h handlers) changePassword(r *auth.Request) (auth.Answer, error) {
	var in auth.PasswordChange
	if err := r.Read(in.Fields()); err != nil {
		return auth.Answer{}, err
	}
	return auth.Answer{}, h.auth.ChangePassword(r.Context(), r.Principal(), in)
}

func (h handlers) sessions(r *auth.Request) (auth.Answer, error) {
	sessions, err := h.auth.Sessions(r.Context(), r.Principal())
	return auth.Answer{Value: map[string][]auth.SessionInfo{"sessions": sessions}}, err
}

func (h handlers) endSession(r *auth.Request) (auth.Answer, error) {
	return auth.Answer{}, h.auth.EndSession(r.Context(), r.Principal(), r.PathValue("id"))
}

func (h handlers) endOtherSessions(r *auth.Request) (auth.Answer, error) {
	return auth.Answer{}, h.auth.EndOtherSessions(r.Context(), r.Principal())
}
