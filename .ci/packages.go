// Packages prints the packages that the adapters import, one per line: those of the
// routers and stores, and those that register the database drivers.
package main

import (
	"fmt"

	"github.com/authgen/authgen/generator/answers"
)

func main() {
	for _, r := range answers.Routers {
		if !r.Standard() {
			fmt.Println(r.Import)
		}
	}
	for _, d := range answers.Databases {
		for _, driver := range d.Drivers {
			fmt.Println(driver.Import)
		}
	}
	for _, s := range answers.Stores {
		if s.Apart() {
			fmt.Println(s.Module)
		}
	}
}
