//authgen:if id_uuid

package auth

import "time"

// nobodysID is the id of no user.
const nobodysID = "00000000-0000-0000-0000-000000000000"

// anyID returns the id of a user who does not exist.
func anyID() UserID { return newUserID(time.Now()) }
