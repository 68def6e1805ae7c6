//authgen:unit principal.go

package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Every exported method that takes a Principal refuses an invalid one, and so do the
// Require methods. New methods are tested automatically.
func TestZeroPrincipalIsRefused(t *testing.T) {
	a := newTestAuth(t)
	u, err := a.CreateUser(t.Context(), NewUser{Email: "ann@example.org", Password: testPassword, Role: DefaultRole})
	if err != nil {
		t.Fatal(err)
	}
	before, err := userByID(t.Context(), a.store.db, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	// All other arguments are valid, so only the Principal can be the reason for a
	// refusal.
	arguments := map[reflect.Type]any{
		reflect.TypeFor[context.Context](): t.Context(),
		reflect.TypeFor[UserID]():          u.ID,
		reflect.TypeFor[Role]():            DefaultRole,
		reflect.TypeFor[string]():          testPassword,
		reflect.TypeFor[int]():             1,
		reflect.TypeFor[PasswordChange]():  PasswordChange{Current: testPassword, New: otherPassword},
	}
	tested := 0
	for _, receiver := range []any{a, a.DAL(), Principal{}} {
		v := reflect.ValueOf(receiver)
		for i := range v.NumMethod() {
			method := v.Type().Method(i)
			f := v.Method(i)
			takesPrincipal := v.Type() == reflect.TypeFor[Principal]() && strings.HasPrefix(method.Name, "Require")
			var in []reflect.Value
			for j := range fixedArguments(f.Type()) {
				typ := f.Type().In(j)
				takesPrincipal = takesPrincipal || typ == reflect.TypeFor[Principal]()
				if argument, ok := arguments[typ]; ok {
					in = append(in, reflect.ValueOf(argument))
				} else {
					in = append(in, reflect.Zero(typ))
				}
			}
			if !takesPrincipal {
				continue
			}
			tested++
			out := f.Call(in)
			err, _ := out[len(out)-1].Interface().(error)
			if !errors.Is(err, ErrUnauthenticated) {
				t.Errorf("%T.%s: error %v, want %v", receiver, method.Name, err, ErrUnauthenticated)
			}
			for _, result := range out[:len(out)-1] {
				if !result.IsZero() {
					t.Errorf("%T.%s returns %v with the error", receiver, method.Name, result)
				}
			}
		}
	}
	if tested == 0 {
		t.Error("no method takes a Principal")
	}
	after, err := userByID(t.Context(), a.store.db, u.ID)
	if err != nil || after.version != before.version || after.role != u.Role || after.disabled {
		t.Errorf("the user %s has changed: version %d, role %s, disabled %t; error %v", after.id, after.version, after.role, after.disabled, err)
	}
}

// fixedArguments returns the number of arguments that are not variadic.
func fixedArguments(f reflect.Type) int {
	if f.IsVariadic() {
		return f.NumIn() - 1
	}
	return f.NumIn()
}

func TestZeroPrincipalHoldsNothing(t *testing.T) {
	var p Principal
	if p.Valid() || p.Fresh() || p.Role().valid() || p.Method() != 0 || !p.UserID().IsZero() {
		t.Errorf("the zero Principal is valid or holds something: %v", p)
	}
	// A time in the future does not make it fresh.
	if p.freshUntil = time.Now().Add(time.Hour); p.Fresh() {
		t.Error("an invalid Principal is fresh")
	}
	for r := range Role(len(roleNames) + 1) {
		if p.AtLeast(r) {
			t.Errorf("the zero Principal has at least the role %s", r)
		}
	}
	//authgen:if permissions
	for i := range 64 {
		if p.Has(1 << i) {
			t.Errorf("the zero Principal has permission 1<<%d", i)
		}
	}
	//authgen:end
}

// Code outside of this package can create only the zero Principal and the zero Session:
// they have no exported fields, and only Verify and SessionFrom return others.
func TestPrincipalAndSessionAreOpaque(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[Principal](), reflect.TypeFor[Session]()} {
		for i := range typ.NumField() {
			if f := typ.Field(i); f.IsExported() {
				t.Errorf("%s.%s is exported", typ, f.Name)
			}
		}
		pointer := reflect.PointerTo(typ)
		for _, decoder := range []reflect.Type{
			reflect.TypeFor[interface{ UnmarshalText([]byte) error }](),
			reflect.TypeFor[interface{ UnmarshalJSON([]byte) error }](),
			reflect.TypeFor[interface{ UnmarshalBinary([]byte) error }](),
			reflect.TypeFor[interface{ GobDecode([]byte) error }](),
			reflect.TypeFor[interface{ Scan(any) error }](),
		} {
			if pointer.Implements(decoder) {
				t.Errorf("%s can be decoded: it implements %s", typ, decoder)
			}
		}
	}
	for _, receiver := range []reflect.Type{reflect.TypeFor[*Auth](), reflect.TypeFor[DAL](), reflect.TypeFor[Session]()} {
		for i := range receiver.NumMethod() {
			method := receiver.Method(i)
			for j := range method.Type.NumOut() {
				if method.Type.Out(j) == reflect.TypeFor[Principal]() {
					t.Errorf("%s.%s returns a Principal", receiver, method.Name)
				}
			}
		}
	}
}

func TestPrincipalPrintsNoSession(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	p := app.principal(t, b)
	want := fmt.Sprintf("user %s, role %s", u.ID, u.Role)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if got := fmt.Sprintf(verb, p); got != want {
			t.Errorf("%s: got %q, want %q", verb, got, want)
		}
	}
	if got := p.LogValue().String(); got != want {
		t.Errorf("LogValue: got %q, want %q", got, want)
	}
}

// The result of the check does not outlive the session.
func TestVerifyAfterTheSessionChanged(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	bob := app.createUser(t, "bob@example.org", DefaultRole)
	var before, after, held UserID
	observed := func(route Route) Route {
		next := route.Handler
		route.Handler = func(r *Request) (Answer, error) {
			p, _ := Verify(r.Context())
			before = p.UserID()
			answer, err := next(r)
			if p.Valid() {
				held = p.UserID()
			}
			p, _ = Verify(r.Context())
			after = p.UserID()
			return answer, err
		}
		return route
	}
	routes := []Route{observed(usualRoute(app.Auth, "login")), observed(usualRoute(app.Auth, "logout"))}
	app.server = startTLS(t, app.applicationWith(routes))
	b := app.resume(t, ann.cookie())

	b.want(http.StatusOK, "POST", prefix+"/login", credentials(bob.Email, testPassword))
	if before != u.ID || after != bob.ID {
		t.Errorf("login as %s: the principal was %s before and %s after, want %s before", bob.ID, before, after, u.ID)
	}
	b.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	if !held.IsZero() {
		t.Errorf("the principal %s is still valid after its session was replaced or ended", held)
	}
	if before != bob.ID || !after.IsZero() {
		t.Errorf("logout of %s: the principal was %s before and %s after", bob.ID, before, after)
	}
}

// A context without a request has no user.
func TestVerifyWithoutRequest(t *testing.T) {
	if p, err := Verify(t.Context()); !errors.Is(err, ErrUnauthenticated) || p.Valid() {
		t.Errorf("Verify: %v, error %v; want error %v", p, err, ErrUnauthenticated)
	}
	if s, ok := SessionFrom(t.Context()); ok || s.exists() {
		t.Errorf("SessionFrom: %v, %t; want no session", s, ok)
	}
}

// Nested instances check separately, even with the same keys.
func TestTwoInstances(t *testing.T) {
	keys := testKeys(1)
	share := func(c *Config) { c.Keys = keys }
	one, two := newTestApp(t, share), newTestApp(t, share)
	b, _ := one.user(t, "ann@example.org", DefaultRole)
	two.wantCookie(t, false, b.cookie(), "the cookie of another instance")

	for _, test := range []struct {
		guard testGuard
		want  int
	}{
		{one.RequireUser, http.StatusNoContent},
		{two.RequireUser, http.StatusUnauthorized},
	} {
		one.serve(t, testRoute{"GET /test", []testGuard{one.RequireUser, test.guard}, status(func(context.Context) int { return http.StatusNoContent })})
		one.resume(t, b.cookie()).want(test.want, "GET", "/test", "")
	}
}
