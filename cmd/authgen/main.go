package main
import (
_ "github.com/AlecAivazis/survey/v2"
_ "github.com/AlecAivazis/survey/v2/terminal"
_ "github.com/dave/jennifer/jen"
_ "github.com/goccy/go-yaml"
_ "github.com/google/go-cmp/cmp"
_ "github.com/rogpeppe/go-internal/testscript"
_ "golang.org/x/crypto/argon2"
_ "golang.org/x/mod/modfile"
_ "golang.org/x/term"
_ "golang.org/x/tools/go/packages"
)
func main(){}
