//authgen:if false

package auth

// preparedCheck stands in for that of other drivers, since the store has one in
// place.
type preparedCheck struct{}
