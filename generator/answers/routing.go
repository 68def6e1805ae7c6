package answers

import (
	"slices"
	"strings"
)

// An Adding says what methods of a router, or of a part of one, do with their arguments.
type Adding struct {
	Names string // of the methods, with blanks between them

	// Does is what a call does, in words with blanks between them. A word is for the next
	// argument, except for the first of "part …", the word "named" and the word "get":
	//
	//	path     a route at the path
	//	pattern  a route at the path, with a method before it or without
	//	method   the method of the route, or several of them
	//	host     the host of the route
	//	subtree  a route for everything below the path
	//	mount    a handler that answers everything below the path
	//	use      as mount, if the argument is a path
	//	named    the method of the route is the name of the function
	//	get      the method of the route is GET
	//	here     a route where the part is
	//	struct   a route with the Method and the Path of a literal
	//	part …   no route: the result, or the argument of a function that is an argument,
	//	         is a part of the router; with "use" at the end, further arguments are
	//	         handlers for everything below the path
	Does string
}

// A Clashing is how a router treats two routes that match the same request, and not only
// the same ones.
type Clashing int

// What routers do.
const (
	// Literals: a literal goes before a parameter.
	Literals Clashing = iota
	// Specific: the more specific one answers, and the router panics if neither is.
	Specific
	// Names: as Literals, but the router panics if two parameters in the same place have
	// different names, or if one route has everything below a path in which another one
	// is.
	Names
	// Order: the one that was added first answers.
	Order
)

const (
	titleVerbs = "Get Head Post Put Patch Delete Connect Options Trace"
	upperVerbs = "GET HEAD POST PUT PATCH DELETE CONNECT OPTIONS TRACE"
)

// Does returns what a method of the router, or of a part of it, does, as in [Adding]. It is
// empty if the method adds no route.
func (r Router) Does(method string) []string {
	for _, a := range r.Adds {
		if slices.Contains(strings.Fields(a.Names), method) {
			return strings.Fields(a.Does)
		}
	}
	return nil
}
