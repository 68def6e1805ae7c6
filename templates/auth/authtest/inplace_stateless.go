//authgen:if false

//go:build stateless

package authtest

import "testing"

// The list of attacks is compiled with every option on, also when the stateless
// style is checked.
func sessionOfSomebodyElse(t *testing.T, _ *visitor) {
	t.Skip("single sessions are not listed in the stateless style")
}
