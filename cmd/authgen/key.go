package main

import (
	"crypto/rand"
	"encoding/base64"
	"flag"
	"fmt"
)

var keyCommand = command{
	name:    "key",
	summary: "print a fresh key for AUTH_KEYS",
	detail: `Prints 32 random bytes in base64, as "openssl rand -base64 32" does. To rotate
keys, first add the new one after the old one on every instance: AUTH_KEYS=old,new.
Then move it to the front, and remove the old one 30 days later.`,
	register: func(*flag.FlagSet) func(*cli, []string) error {
		return func(c *cli, args []string) error {
			if err := noArgs("key", args); err != nil {
				return err
			}
			_, err := fmt.Fprintln(c.stdout, newKey())
			return err
		}
	},
}

func newKey() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.StdEncoding.EncodeToString(b)
}
