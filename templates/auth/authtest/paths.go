package authtest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// spellings returns targets that a router, a proxy or a file system may read as the path.
func spellings(path string) []string {
	dir, file := path[:strings.LastIndexByte(path, '/')], path[strings.LastIndexByte(path, '/')+1:]
	return []string{
		"/" + path, path + "/", path + "//", "/." + path, "/x/.." + path, "/x/%2e%2e" + path, dir + "//" + file, dir + "/./" + file,
		dir + "/x/../" + file, dir + "/%2e/" + file, dir + "%2f" + file, dir + "%2F" + file, dir + "%5c" + file, dir + `\` + file,
		path[:1] + "%" + hexOf(path[1]) + path[2:], dir + "/%" + hexOf(file[0]) + file[1:], path + "%00", path + "%20", path + ".", path + ";x", path + "%3b", path + "%23", path + "%2f",
		path + ".json", path + "?x=/login", path + "#/login", strings.ToUpper(path), "/" + strings.ToUpper(path[1:2]) + path[2:],
		"http://evil.example" + path,
	}
}

func hexOf(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// otherSpellings requests what a visitor may not see, by every spelling of its path.
func otherSpellings(t *testing.T, member *visitor) {
	other := member.user(t, auth.DefaultRole)
	_, host, _ := strings.Cut(member.origin, "://")
	for _, e := range member.table {
		if !e.usual() || e.Public || e.Method != http.MethodGet || e.Path == "/" {
			continue
		}
		cookie := ""
		if !may(auth.DefaultRole, e.Route) {
			cookie = "Cookie: " + member.cookie + "=" + member.token + "\r\n"
		}
		for _, spelling := range spellings(e.call(other.id.String()).path) {
			for _, method := range []string{"GET", "HEAD"} {
				got := raw(t, e.transport, method+" "+spelling+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n"+cookie+"\r\n")
				if got.status < 300 || got.status >= 500 || strings.Contains(got.body, other.email) || strings.Contains(got.body, member.email) {
					t.Errorf("%s %s: status %d, want a redirect or a refusal; body %.300s", method, spelling, got.status, got.body)
				}
			}
		}
	}
}
