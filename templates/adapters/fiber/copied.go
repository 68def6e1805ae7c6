//authgen:if fiber

package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// headersRead are the request headers that this package reads.
var headersRead = [...]string{
	"Accept", "Access-Control-Request-Headers", "Content-Encoding", "Content-Type", "Cookie", "Origin", "Sec-Fetch-Site",
	"User-Agent", "X-Forwarded-For",
}

type requestKey struct{}

// headerVisitor is how all versions of fasthttp list the headers of a request or a response.
// All, which newer versions have instead, is not in those of older versions of fiber.
type headerVisitor interface {
	VisitAll(f func(name, value []byte))
}

// requestOf returns c's request as an [http.Request], for the code that does not depend
// on fiber. It has only what that code reads, all of it copied: fiber reuses the memory
// of a request, including that of its strings, for the next one.
func requestOf(c fiber.Ctx) *http.Request {
	r, ok := c.Context().Value(requestKey{}).(*http.Request)
	if !ok {
		r = copyRequest(c)
		c.SetContext(context.WithValue(c.Context(), requestKey{}, r))
	}
	r = r.WithContext(c.Context())
	r.Method = strings.Clone(c.Method()) // may have been overridden since
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
		r.URL = &url.URL{Path: target} // not a valid target, but fiber accepts it
	}
	headerVisitor(&sent.Header).VisitAll(func(name, value []byte) {
		for _, read := range headersRead {
			if strings.EqualFold(read, string(name)) {
				r.Header.Add(read, string(value))
			}
		}
	})
	return r
}

// answerHeader returns a header for the answer of c, with the content security policy
// that c already has, since encodePage reads it.
func answerHeader(c fiber.Ctx) http.Header {
	header := make(http.Header)
	if policy := c.GetRespHeader("Content-Security-Policy"); policy != "" {
		header.Set("Content-Security-Policy", strings.Clone(policy))
	}
	return header
}

// setHeader copies a header to that of c. A cookie replaces one with the same name, and
// Vary adds to what c already has.
func setHeader(c fiber.Ctx, header http.Header) {
	for name, values := range header {
		for _, value := range values {
			switch name {
			case "Set-Cookie":
				cookie, _, _ := strings.Cut(value, "=")
				c.Response().Header.DelCookie(cookie)
			case "Vary":
				c.Vary(value)
				continue
			}
			c.Response().Header.Set(name, value) // for Set-Cookie, this adds
		}
	}
}

// send sends an answer.
func send(c fiber.Ctx, header http.Header, status int, body []byte) error {
	hangUp(c)
	setHeader(c, header)
	return c.Status(status).Send(body)
}

// hangUp closes the connection after this answer if the body of the request is a stream
// (StreamRequestBody): fasthttp would parse its unread rest as the next request, which
// a proxy may have sent for another client.
func hangUp(c fiber.Ctx) {
	if c.Request().IsBodyStream() {
		c.Response().SetConnectionClose()
	}
}
