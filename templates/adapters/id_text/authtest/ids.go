//authgen:if id_text

package authtest

import "github.com/authgen/authgen/templates/auth"

// nobodysID is the id of no user.
const nobodysID = "nobody"

// idSpellings returns how an id could be spelled.
func idSpellings(id auth.UserID) []string { return []string{string(id)} }
