//authgen:if id_text

package auth

import "time"

// nobodysID is the id of no user.
const nobodysID = "nobody"

// anyID returns the id of a user who does not exist.
func anyID() UserID { return newUserID(time.Now()) }
