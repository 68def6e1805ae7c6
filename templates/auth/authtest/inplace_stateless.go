//authgen:if false

//go:build stateless

package authtest

import "testing"

// sessionOfSomebodyElse is needed here since the list of attacks is compiled with
// every option on.
func sessionOfSomebodyElse(t *testing.T, _ *visitor) {
	t.Skip("single sessions are not listed in the stateless style")
}
