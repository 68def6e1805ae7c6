package doctor

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// files are the files of a module, other than Go files, that the checks look at.
type files struct {
	env     []envFile // those of the root first
	proxies []project.Evidence
	scripts []file // what may run a migration tool
	ignored bool   // whether a .gitignore names .env
}

// file is the text of a file.
type file struct {
	name string
	text []byte
}

// envFile is a file with the settings of the environment. Only the names are kept.
type envFile struct {
	name  string
	lines map[string]int // by the name of the variable
}

// largest is the size of the largest file that is read.
const largest = 1 << 20

// readFiles reads the files of a module. Directories that hold other people's code are
// left out.
func readFiles(module fs.FS) (files, error) {
	var found files
	err := fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			return fs.SkipDir // it may belong to another user
		case d.IsDir():
			base := d.Name()
			if name != "." && (slices.Contains([]string{"vendor", "node_modules", "testdata"}, base) || strings.HasPrefix(base, ".") && !slices.Contains(hiddenDirs, base)) {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() || d.Name() == answers.FileName:
			return nil
		}
		found.add(module, name, d)
		return nil
	})
	slices.SortStableFunc(found.env, func(a, b envFile) int {
		return strings.Count(a.name, "/") - strings.Count(b.name, "/")
	})
	return found, err
}

// hiddenDirs are the directories with a dot that may run a migration tool or a proxy.
var hiddenDirs = []string{".github", ".gitlab", ".circleci", ".do", ".docker", ".platform", ".ebextensions"}

// add adds a file if it is one to look at.
func (f *files) add(module fs.FS, name string, d fs.DirEntry) {
	base := path.Base(name)
	isEnv := base == ".env" || strings.HasPrefix(base, ".env.") || base == "env.example"
	if info, err := d.Info(); err != nil || info.Size() > largest || !isEnv && base != ".gitignore" && !isScript(base) && proxyNamed(base) == "" {
		return
	}
	text, err := fs.ReadFile(module, name)
	if err != nil {
		return
	}
	switch {
	case isEnv:
		f.env = append(f.env, envFile{name, namesIn(text, base != ".env")})
		return
	case base == ".gitignore":
		f.ignored = f.ignored || ignoresEnv(text)
		return
	}
	if isScript(base) {
		f.scripts = append(f.scripts, file{name, text})
	}
	if what := proxyNamed(base); what != "" {
		f.proxies = append(f.proxies, project.Evidence{Pos: project.Position{File: name, Line: 1}, Kind: project.ByConfig, Text: what})
	} else if line, what := proxyIn(text); what != "" && isDeployment(base) {
		f.proxies = append(f.proxies, project.Evidence{Pos: project.Position{File: name, Line: line}, Kind: project.ByConfig, Text: what})
	}
}

// assignment matches a line of a .env file. What follows the name is not looked at.
var assignment = regexp.MustCompile(`^\s*(#\s*)?(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=`)

// namesIn returns the names in a .env file with their lines. In an example, a name may be
// in a comment.
func namesIn(text []byte, example bool) map[string]int {
	lines := make(map[string]int)
	n := 0
	for line := range bytes.Lines(text) {
		n++
		m := assignment.FindSubmatch(line)
		if m == nil || len(m[1]) > 0 && !example {
			continue
		}
		if name := string(m[2]); lines[name] == 0 {
			lines[name] = n
		}
	}
	return lines
}

// names reports whether a .env file names a variable, or a file that configures where the
// application runs.
func (f files) names(variable string) bool {
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(variable) + `\b`)
	return slices.ContainsFunc(f.scripts, func(s file) bool { return word.Match(s.text) }) || slices.ContainsFunc(f.env, func(e envFile) bool { return e.lines[variable] > 0 })
}

// lineIn returns the line of a variable in a .env file.
func (f files) lineIn(name, variable string) (int, bool) {
	for _, e := range f.env {
		if e.name == name && e.lines[variable] > 0 {
			return e.lines[variable], true
		}
	}
	return 0, false
}

// ignoresEnv reports whether a .gitignore names .env.
func ignoresEnv(text []byte) bool {
	for line := range bytes.Lines(text) {
		pattern := strings.TrimPrefix(string(bytes.TrimSpace(line)), "/")
		if ok, err := path.Match(strings.TrimPrefix(pattern, "**/"), ".env"); ok && err == nil {
			return true
		}
	}
	return false
}

// isScript reports whether a file of that name may run a migration tool.
func isScript(base string) bool {
	lower := strings.ToLower(base)
	return slices.Contains([]string{"makefile", "justfile", "procfile", "dockerfile", "containerfile", "package.json", "mise.toml", "devbox.json", "fly.toml", "railway.toml", "tern.conf"}, lower) ||
		strings.HasPrefix(lower, "dockerfile.") ||
		slices.Contains([]string{".sh", ".bash", ".mk", ".yaml", ".yml", ".hcl"}, path.Ext(lower))
}

// isDeployment reports whether a file of that name may configure a proxy beside others.
func isDeployment(base string) bool {
	lower := strings.ToLower(base)
	return slices.Contains([]string{".yaml", ".yml"}, path.Ext(lower)) || strings.HasPrefix(lower, "dockerfile") || strings.HasPrefix(lower, "containerfile")
}

// proxyNamed returns the proxy that a file of that name configures, "" if none.
func proxyNamed(base string) string {
	lower := strings.ToLower(base)
	switch {
	case lower == "caddyfile" || strings.HasPrefix(lower, "caddyfile."):
		return "Caddy"
	case strings.HasPrefix(lower, "nginx") && strings.Contains(lower, "conf"):
		return "nginx"
	case lower == "haproxy.cfg":
		return "HAProxy"
	case strings.HasPrefix(lower, "traefik.") && slices.Contains([]string{".toml", ".yaml", ".yml"}, path.Ext(lower)):
		return "Traefik"
	case lower == "envoy.yaml" || lower == "envoy.yml":
		return "Envoy"
	case lower == "fly.toml":
		return "Fly"
	case lower == "render.yaml":
		return "Render"
	case lower == "railway.toml" || lower == "railway.json":
		return "Railway"
	}
	return ""
}

// proxyImage matches what tells of a proxy in a file for containers or a cluster.
var proxyImage = regexp.MustCompile(`(?i)^\s*(?:-\s*)?(?:image:\s*["']?|FROM\s+)(?:\S*/)?(nginx|caddy|traefik|haproxy|envoy)\b|^\s*kind:\s*(Ingress|HTTPRoute|VirtualService)\b|^\s*-?\s*["']?(traefik)\.(?:enable|http)`)

// proxyIn returns the line that tells of a proxy, and which one.
func proxyIn(text []byte) (int, string) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if m := proxyImage.FindSubmatch(line); m != nil {
			return n, string(bytes.Join(m[1:], nil)) // one of them
		}
	}
	return 0, ""
}

// proxy returns evidence of a proxy in front of the application.
func (f files) proxy() (project.Evidence, bool) {
	if len(f.proxies) == 0 {
		return project.Evidence{}, false
	}
	return f.proxies[0], true
}

// runs reports whether a script runs a program.
func (f files) runs(program string) bool {
	_, ok := f.runsOn(program, "")
	return ok
}

// runsOn returns the line of a script that runs a program and names a directory.
func (f files) runsOn(program, dir string) (project.Position, bool) {
	command := regexp.MustCompile(`(^|[\s"'/=@(])` + regexp.QuoteMeta(program) + `([\s"':@)]|$)`)
	for _, s := range f.scripts {
		n := 0
		for line := range bytes.Lines(s.text) {
			n++
			if line = bytes.TrimSpace(line); command.Match(line) && !bytes.HasPrefix(line, []byte("#")) && bytes.Contains(line, []byte(dir)) {
				return project.Position{File: s.name, Line: n}, true
			}
		}
	}
	return project.Position{}, false
}
