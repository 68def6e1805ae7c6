// Package auth logs users in, keeps their sessions and decides what they may do.
//
// # Mount it
//
//	a, err := auth.New(auth.Config{
//		DB:      db,   // with the tables that the migrations create
//		Keys:    keys, // from auth.ParseKeys(os.Getenv("AUTH_KEYS"))
//		BaseURL: "https://app.example.com",
//	})
//
// [Auth.Register] adds a table of routes to the router: that of package authweb,
// which is beside this one and yours to edit. The middleware, in middleware.go,
// wraps the whole application: it opens the session cookie and refuses unsafe
// requests from other origins. If your own routes have their own protection, or accept
// such requests, use [Auth.SessionMiddleware] instead. A front end on another origin, or
// on a development server, is listed in Config.TrustedOrigins; a webhook in the table is
// named in Config.AllowCrossOrigin.
//
// If there is a reverse proxy, list it in Config.TrustedProxies; otherwise every client
// has the proxy's address and shares one rate limit. [Auth.CheckDatabase] says at the start
// what is wrong with the database. After the server has shut down, call [Auth.Wait] before
// you close the database.
//
// # Guard a route
//
// Attach [Auth.RequireUser], [Auth.RequireRole] or another guard of guards.go to
// each route that needs one, when you register it. This package never authorizes a
// request by comparing paths.
//
// # Create the first administrator
//
//	u, err := a.CreateUser(ctx, auth.NewUser{Email: email, Password: password, Role: auth.RoleAdmin})
//
// Signing up never gives more than the default role, so do this in a command that
// sets up the application.
//
// # The two depths of a check
//
// [SessionFrom] is the optimistic check: it trusts the sealed cookie and does no
// I/O. Use it to show or hide a link. [Verify] is the secure check: it asks the
// database, once per request, and is the only source of a valid [Principal]. Code
// that reads or writes data takes a Principal and starts with one of its Require
// methods. A call without a Principal does not compile, and a handler without a
// guard has only the zero Principal, which every Require method refuses:
//
//	func (s *Invoices) List(ctx context.Context, p auth.Principal) ([]Invoice, error) {
//		if err := p.Require(); err != nil {
//			return nil, err
//		}
//		// … WHERE owner_id = p.UserID()
//	}
//
// The handler of a route in the table has the Principal that its guard confirmed:
//
//	list, err := invoices.List(r.Context(), r.Principal())
//
// Any other handler calls Verify with the context of the request, and passes an
// error to [Auth.WriteError], which chooses status and body.
//
// # Extend it
//
// Routes, handlers, hooks and your own data access are in package authweb. It holds
// no rule: no change there makes this package allow what it refuses. Handlers of
// your own can use [Auth.Finish], which logs in a user whom the application has
// authenticated itself; [Auth.EndAll], which ends everything a user has; [Auth.Tx],
// a transaction that checks the Principal again; and [Auth.Event], which logs a
// security event.
//
// # Reading order
//
//	route.go, transport.go, register.go   routes and their handlers
//	request.go, origin.go, headers.go     the state, checks and headers of a request
//	session.go, seal.go, keys.go          the session cookie and how it is sealed
//	principal.go, sessions.go, guards.go  the secure check
//	login.go, account.go                  how sessions begin and end
//	users.go, user.go, store.go           data about users and who may see it
//	check_database.go                     what may be wrong with the database
//	password.go, limits.go                password hashing and rate limits
package auth
