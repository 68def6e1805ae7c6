// Package auth signs users in, remembers them, and decides what they may do.
//
// # Mount it
//
//	a, err := auth.New(auth.Config{
//		DB:      db,   // with the tables that the migrations make
//		Keys:    keys, // from auth.ParseKeys(os.Getenv("AUTH_KEYS"))
//		BaseURL: "https://app.example.com",
//	})
//
// [Auth.Register] adds the routes of a table to the router: those of package
// authweb, which is beside this one and yours to edit. The middleware, in
// middleware.go, goes around the whole application: it opens the session cookie and
// refuses unsafe requests from other origins. Behind a reverse proxy, list it in
// Config.TrustedProxies; otherwise every client has the proxy's address and shares
// one rate limit. After the server has shut down, call [Auth.Wait] before the
// database is closed.
//
// # Guard a route
//
// [Auth.RequireUser], [Auth.RequireRole] and the other guards in guards.go are
// given to the route that they protect, at registration. Nothing in this package
// ever decides by comparing paths.
//
// # Create the first administrator
//
//	u, err := a.CreateUser(ctx, auth.NewUser{Email: email, Password: password, Role: auth.RoleAdmin})
//
// Nobody who signs up gets more than the default role, so a command that sets the
// application up has to do this.
//
// # The two depths of a check
//
// [SessionFrom] is the optimistic check: it believes the sealed cookie and does
// no I/O. It is for showing or hiding a link. [Verify] is the secure check: it
// asks the database, once a request, and is the only way to get a [Principal].
// Code that touches data takes a Principal as an argument and starts with one of
// its Require methods, so that code which leaves the argument out does not compile,
// and a handler without its guard, which has no more than the zero Principal, is
// refused:
//
//	func (s *Invoices) List(ctx context.Context, p auth.Principal) ([]Invoice, error) {
//		if err := p.Require(); err != nil {
//			return nil, err
//		}
//		// … WHERE owner_id = p.UserID()
//	}
//
// A handler of a table's route has the Principal that its guard has confirmed:
//
//	list, err := invoices.List(r.Context(), r.Principal())
//
// Any other gets it from Verify, with the context of the request, and passes an
// error to [Auth.WriteError], which chooses the status and the body.
//
// # Extend it
//
// Routes, handlers, hooks and your own data access are in package authweb. It holds
// no rule: whatever is changed there, or left out, what this package refuses stays
// refused. For handlers that do more than call a flow there are [Auth.Finish], which
// logs in a user whom the application has authenticated itself, [Auth.EndAll],
// [Auth.Tx], a transaction in which the Principal is confirmed once more, and
// [Auth.Event], the log of security events.
//
// # Reading order
//
//	route.go, transport.go, register.go   a request comes in: the table of routes
//	request.go, origin.go, headers.go     what every request is checked for, and gets
//	session.go, seal.go, keys.go          the cookie, and how it is sealed
//	principal.go, sessions.go, guards.go  the secure check
//	login.go, account.go                  how sessions begin and end
//	users.go, user.go, store.go           data about users, and who may see it
//	password.go, limits.go                hashing, and what slows down guessing
package auth
