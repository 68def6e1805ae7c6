package generator

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// atlasSum is the file in which Atlas keeps the checksums of a directory of
// migrations.
const atlasSum = "atlas.sum"

// migrations returns the files that the migrations among the templates become:
// those of the answers' tool, in its directory. They have their headers.
//
// A directory that is not the package's may hold migrations of others, whose
// checksums Atlas has to be asked for; so atlas.sum is only made in the package.
func (a Answers) migrations(templates []File) ([]File, error) {
	var files []File
	for i, t := range slices.SortedFunc(slices.Values(templates), func(a, b File) int { return cmp.Compare(a.Path, b.Path) }) {
		m, err := parseMigration(t, a.Migrations)
		if err != nil {
			return nil, err
		}
		for name, text := range m.files(a.Migrations) {
			name = path.Join(a.migrationsDir(), a.migrationName(i, m.name)+name)
			files = append(files, File{name, Migration, withHeader(name, Migration, []byte(text))})
		}
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	if a.Migrations == "atlas" && a.MigrationsDir == "" {
		files = append(files, File{path.Join(a.migrationsDir(), atlasSum), Yours, sumAtlas(files)})
	}
	return files, nil
}

// migrationsDir is the directory of the migrations in the form of [File.Path].
func (a Answers) migrationsDir() string {
	if a.MigrationsDir != "" {
		return "/" + a.MigrationsDir
	}
	return "migrations"
}

// migrationName returns the name of the migration that is i after the first,
// without what follows the last word: 00001_auth. The prefix of the tables is in
// it, so that several packages can have one directory. A number with zeros in front
// is as wide as those that are there already.
func (a Answers) migrationName(i int, name string) string {
	width := map[string]int{"goose": 5, "golang-migrate": 6, "tern": 3, "plain": 4}[a.Migrations]
	if strings.HasPrefix(a.MigrationsVersion, "0") {
		width = len(a.MigrationsVersion)
	}
	number, _ := strconv.Atoi(a.MigrationsVersion)
	if a.Name != "" {
		name = a.Name + "_" + name
	}
	return fmt.Sprintf("%0*d_%s", width, number+i, name)
}

// migrationFile is the path of the file with the statements that make the
// tables, from the directory of the package.
func (a Answers) migrationFile() string {
	name := a.migrationName(0, "auth") + ".sql"
	if a.Migrations == "golang-migrate" || a.Migrations == "plain" {
		name = a.migrationName(0, "auth") + ".up.sql"
	}
	if a.MigrationsDir == "" {
		return path.Join("migrations", name)
	}
	up := strings.Repeat("../", strings.Count(a.Package, "/")+1)
	return up + path.Join(a.MigrationsDir, name)
}

// migration is a template taken apart.
type migration struct {
	name           string // auth
	head, up, down string // what stands above the first annotation, the way up, the way down
}

// parseMigration takes apart a template, which is in the layout of goose. The
// annotations of goose that other tools do not need are dropped for them.
func parseMigration(t File, tool string) (migration, error) {
	_, name, ok := strings.Cut(strings.TrimSuffix(path.Base(t.Path), ".sql"), "_")
	if !ok {
		return migration{}, fmt.Errorf("internal error: migration %s: the name has no number", t.Path)
	}
	m := migration{name: name}
	part := &m.head
	for line := range strings.Lines(string(t.Data)) {
		annotation, annotated := strings.CutPrefix(strings.TrimSpace(line), "-- +goose ")
		switch {
		case annotated && annotation == "Up" && part == &m.head:
			part = &m.up
		case annotated && annotation == "Down" && part == &m.up:
			part = &m.down
		case !annotated, tool == "goose" && strings.HasPrefix(annotation, "Statement"):
			*part += line
		case strings.HasPrefix(annotation, "Statement"):
		default:
			return migration{}, fmt.Errorf("internal error: migration %s: %q where it means nothing", t.Path, strings.TrimSpace(line))
		}
	}
	if part != &m.down {
		return migration{}, fmt.Errorf("internal error: migration %s: it does not go up and down", t.Path)
	}
	for _, part := range []*string{&m.head, &m.up, &m.down} {
		if *part = strings.Trim(*part, "\n"); *part != "" {
			*part += "\n"
		}
	}
	if m.head != "" {
		m.head += "\n"
	}
	return m, nil
}

// files returns the texts of the migration for a tool, by what the names of their
// files end in.
func (m migration) files(tool string) map[string]string {
	annotated := func(up, down string) map[string]string {
		return map[string]string{".sql": m.head + up + m.up + "\n" + down + m.down}
	}
	switch tool {
	case "goose":
		return annotated("-- +goose Up\n", "-- +goose Down\n")
	case "dbmate":
		return annotated("-- migrate:up\n", "-- migrate:down\n")
	case "tern":
		return annotated("", "---- create above / drop below ----\n\n")
	case "atlas":
		return map[string]string{".sql": m.head + m.up}
	default:
		return map[string]string{".up.sql": m.head + m.up, ".down.sql": m.down}
	}
}

// sumAtlas returns the atlas.sum of a directory that holds these files, sorted by
// name: the hash of each covers those before it.
func sumAtlas(files []File) []byte {
	each, all := sha256.New(), sha256.New()
	var lines bytes.Buffer
	for _, f := range files {
		name := path.Base(f.Path)
		each.Write([]byte(name))
		each.Write(f.Data)
		sum := base64.StdEncoding.EncodeToString(each.Sum(nil))
		all.Write([]byte(name + sum))
		fmt.Fprintf(&lines, "%s h1:%s\n", name, sum)
	}
	return fmt.Appendf(nil, "h1:%s\n%s", base64.StdEncoding.EncodeToString(all.Sum(nil)), lines.Bytes())
}
