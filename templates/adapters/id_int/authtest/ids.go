//authgen:if id_int

package authtest

import "github.com/authgen/authgen/templates/auth"

// nobodysID is the id of no user.
const nobodysID = "9223372036854775807"

// idSpellings returns how an id could be spelled, unless that is so short that other texts
// contain it by chance.
func idSpellings(auth.UserID) []string { return nil }
