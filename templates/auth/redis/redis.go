//authgen:if false

// Package redis stands in for github.com/redis/go-redis/v9, which the module that
// the templates belong to does not have.
package redis

// UniversalClient stands in for the interface of that name.
type UniversalClient any
