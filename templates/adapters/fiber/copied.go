//authgen:if fiber

package auth

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// headersRead are the headers that this package reads of a request.
var headersRead = [...]string{
	"Accept", "Content-Encoding", "Content-Type", "Cookie", "Origin", "Sec-Fetch-Site", "User-Agent", "X-Forwarded-For",
}

type requestKey struct{}

// requestOf returns c's request in the form that the rest of this package takes,
// which is not about fiber. It holds what is read there, and all of it is copied:
// fiber uses the memory of a request for the next one, also under the strings
// that it has handed out.
func requestOf(c fiber.Ctx) *http.Request {
	r, ok := c.Locals(requestKey{}).(*http.Request)
	if !ok {
		r = copyRequest(c)
		c.Locals(requestKey{}, r)
	}
	r = r.WithContext(c.Context())
	r.Method = strings.Clone(c.Method()) // which may have been overridden since
	return r
}

func copyRequest(c fiber.Ctx) *http.Request {
	sent := c.Request()
	r := &http.Request{
		Host:       string(sent.Host()),
		RemoteAddr: c.RequestCtx().RemoteAddr().String(),
		Header:     make(http.Header, len(headersRead)),
	}
	target := strings.Clone(c.OriginalURL())
	var err error
	if r.URL, err = url.ParseRequestURI(target); err != nil {
		r.URL = &url.URL{Path: target} // of no page, but fiber lets it pass
	}
	for _, name := range headersRead {
		for _, value := range sent.Header.PeekAll(name) {
			r.Header[name] = append(r.Header[name], string(value))
		}
	}
	return r
}

// answerHeader returns a header for the answer of c, with what is read there of the
// one that c has already: encodePage asks for the policy of the content.
func answerHeader(c fiber.Ctx) http.Header {
	header := make(http.Header)
	if policy := c.GetRespHeader("Content-Security-Policy"); policy != "" {
		header.Set("Content-Security-Policy", strings.Clone(policy))
	}
	return header
}

// setHeader puts a header that was made for the answer into that of c. A cookie
// takes the place of one with the same name.
func setHeader(c fiber.Ctx, header http.Header) {
	for name, values := range header {
		for _, value := range values {
			if name == "Set-Cookie" {
				cookie, _, _ := strings.Cut(value, "=")
				c.Response().Header.DelCookie(cookie)
			}
			c.Response().Header.Set(name, value) // adds, where it is a cookie
		}
	}
}

// send answers with what was made for the answer.
func send(c fiber.Ctx, header http.Header, status int, body []byte) error {
	hangUp(c)
	setHeader(c, header)
	return c.Status(status).Send(body)
}

// hangUp ends the connection with this answer where the body of the request is a
// stream, which it is with StreamRequestBody: fasthttp takes what nobody has read
// of it for the next request, even if a proxy sent it for somebody else.
func hangUp(c fiber.Ctx) {
	if c.Request().BodyStream() != nil {
		c.Response().SetConnectionClose()
	}
}
