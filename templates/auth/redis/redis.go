//authgen:if false

// Package redis stands in for github.com/redis/go-redis/v9, which the module of the
// templates does not require.
package redis

// UniversalClient stands in for the interface with that name.
type UniversalClient any
