// Packages prints the packages that adapters need, a line each: what makes each router
// and store, and what registers each driver.
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
