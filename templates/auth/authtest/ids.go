//authgen:if id_uuid

package authtest

import (
	"strings"

	"github.com/authgen/authgen/templates/auth"
)

// nobodysID is the id of no user.
const nobodysID = "00000000-0000-0000-0000-000000000000"

// idSpellings returns how an id could be spelled.
func idSpellings(id auth.UserID) []string {
	return []string{id.String(), strings.ReplaceAll(id.String(), "-", ""), string(id[:])}
}
