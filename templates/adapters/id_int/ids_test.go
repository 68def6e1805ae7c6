//authgen:if id_int

package auth

import "math/rand/v2"

// nobodysID is the id of no user.
const nobodysID = "9223372036854775807"

// anyID returns the id of a user who does not exist.
func anyID() UserID { return UserID(1<<30 + rand.Int64N(1<<30)) }
