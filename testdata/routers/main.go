// Command routers adds routes to real routers and says what happens. It reads cases as
// JSON and writes the results.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v3"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v5"
)

// route is a route with parameters in braces. Below is whether it is for everything below
// the path.
type route struct {
	Method, Path string
	Below        bool
}

// testCase adds a route of an application and those of a package, in both orders.
type testCase struct {
	Router string
	Theirs route
	Rows   []route
}

// result has what answered each request, in both orders: "theirs", "ours" or a status. It
// is what the router panicked with, if it did.
type result struct {
	Panic   string
	Answers [2]map[string]string
}

type router interface {
	add(r route, who string)
	answer(method, path string) string
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	log.SetOutput(io.Discard)
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		log.Fatal(err)
	}
	var results []result
	for _, c := range cases {
		results = append(results, try(c))
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		log.Fatal(err)
	}
}

func try(c testCase) (res result) {
	defer func() {
		if e := recover(); e != nil {
			res.Panic = fmt.Sprint(e)
		}
	}()
	for order := range 2 {
		r := newRouter(c.Router)
		if order == 0 {
			r.add(c.Theirs, "theirs")
		}
		for _, row := range c.Rows {
			r.add(row, "ours")
		}
		if order == 1 {
			r.add(c.Theirs, "theirs")
		}
		res.Answers[order] = make(map[string]string)
		for _, row := range append([]route{c.Theirs}, c.Rows...) {
			if row.Below {
				row.Path = strings.TrimSuffix(row.Path, "/") + "/deep/down"
			}
			if row.Method == "" {
				row.Method = "GET"
			}
			path := strings.NewReplacer("{id}", "77", "{", "x", "}", "").Replace(row.Path)
			res.Answers[order][row.Method+" "+path] = r.answer(row.Method, path)
		}
	}
	return res
}

func newRouter(name string) router {
	switch name {
	case "net/http":
		return standard{http.NewServeMux()}
	case "chi":
		return chiRouter{chi.NewRouter()}
	case "gorilla":
		return gorilla{mux.NewRouter()}
	case "gin":
		return ginRouter{gin.New()}
	case "echo":
		return echoRouter{echo.New()}
	case "fiber":
		return fiberRouter{fiber.New()}
	}
	panic("no router " + name)
}

func handler(who string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, who) })
}

func answer(h http.Handler, method, path string) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return text(w.Result())
}

func text(res *http.Response) string {
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		return res.Status
	}
	return string(body)
}

type standard struct{ *http.ServeMux }

func (s standard) add(r route, who string) {
	if r.Below {
		r.Path = strings.TrimSuffix(r.Path, "/") + "/"
	}
	s.Handle(strings.TrimSpace(r.Method+" "+r.Path), handler(who))
}

func (s standard) answer(method, path string) string { return answer(s, method, path) }

type chiRouter struct{ *chi.Mux }

func (s chiRouter) add(r route, who string) {
	switch {
	case r.Below && r.Method == "":
		s.Mount(r.Path, handler(who))
	case r.Below:
		s.Method(r.Method, strings.TrimSuffix(r.Path, "/")+"/*", handler(who))
	case r.Method == "":
		s.Handle(r.Path, handler(who))
	default:
		s.Method(r.Method, r.Path, handler(who))
	}
}

func (s chiRouter) answer(method, path string) string { return answer(s, method, path) }

type gorilla struct{ *mux.Router }

func (s gorilla) add(r route, who string) {
	added := s.NewRoute()
	if r.Below {
		added.PathPrefix(r.Path)
	} else {
		added.Path(r.Path)
	}
	if r.Method != "" {
		added.Methods(r.Method)
	}
	added.Handler(handler(who))
}

func (s gorilla) answer(method, path string) string { return answer(s, method, path) }

// colons returns a path with parameters after colons.
func colons(r route, rest string) string {
	path := strings.NewReplacer("{", ":", "}", "").Replace(r.Path)
	if r.Below {
		path = strings.TrimSuffix(path, "/") + rest
	}
	return path
}

type ginRouter struct{ *gin.Engine }

func (s ginRouter) add(r route, who string) {
	if r.Method == "" {
		s.Any(colons(r, "/*rest"), gin.WrapH(handler(who)))
		return
	}
	s.Handle(r.Method, colons(r, "/*rest"), gin.WrapH(handler(who)))
}

func (s ginRouter) answer(method, path string) string { return answer(s, method, path) }

type echoRouter struct{ *echo.Echo }

func (s echoRouter) add(r route, who string) {
	if r.Method == "" {
		s.Any(colons(r, "/*"), echo.WrapHandler(handler(who)))
		return
	}
	s.Add(r.Method, colons(r, "/*"), echo.WrapHandler(handler(who)))
}

func (s echoRouter) answer(method, path string) string { return answer(s, method, path) }

type fiberRouter struct{ *fiber.App }

func (s fiberRouter) add(r route, who string) {
	h := func(c fiber.Ctx) error { return c.SendString(who) }
	if r.Method == "" {
		s.All(colons(r, "/*"), h)
		return
	}
	s.Add([]string{r.Method}, colons(r, "/*"), h)
}

func (s fiberRouter) answer(method, path string) string {
	res, err := s.Test(httptest.NewRequest(method, path, nil))
	if err != nil {
		return err.Error()
	}
	return text(res)
}
