package emit

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

	"github.com/authgen/authgen/generator/answers"
)

// migrationsFor returns the files of the migration, in the form and the directory that the
// answers' tool needs, made from the templates of the tables. If tables exist already, the
// migration has only the change, and there is no migration without one.
//
// The checksums of Atlas are only emitted in the package's own directory: another one may
// hold other migrations, for which the developer has to run Atlas.
func migrationsFor(a answers.Answers, templates []File, migrated []Migrated, change schemaChange) ([]File, error) {
	var files []File
	tool := answers.MigrationToolNamed(a.Migrations)
	if len(change.adds) > 0 && len(templates) > 0 {
		m, err := newMigration(a, templates, change)
		if err != nil {
			return nil, err
		}
		base := migrationName(a, migrated, change)
		for end, text := range m.files(tool) {
			name := path.Join(MigrationsDir(a), base+end)
			files = append(files, File{Path: name, Class: Migration, Data: withHeader(name, Migration, []byte(text)), Adds: change.adds})
		}
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	if tool.Sums != "" && a.MigrationsDir == "" {
		summed := slices.Clone(files)
		for _, m := range migrated {
			if path.Dir(m.Path) == MigrationsDir(a) {
				summed = append(summed, File{Path: m.Path, Data: m.Data})
			}
		}
		files = append(files, File{Path: path.Join(MigrationsDir(a), tool.Sums), Class: Yours, Data: sumAtlas(summed)})
	}
	return files, nil
}

// MigrationsDir returns the directory of the migrations, in the form of [File.Path].
func MigrationsDir(a answers.Answers) string {
	if a.MigrationsDir != "" {
		return "/" + a.MigrationsDir
	}
	return "migrations"
}

// migrationName returns the file name of a new migration without its suffix, such as
// 00001_auth for the first. It has the prefix of the tables, so that several packages can
// share a directory. The number has as many digits as existing ones.
func migrationName(a answers.Answers, migrated []Migrated, change schemaChange) string {
	name := "auth"
	if a.Name != "" {
		name = a.Name + "_" + name
	}
	if !change.first {
		name += "_" + change.name()
	}
	if number := nextNumber(migrated, MigrationsDir(a)); number != "" {
		return number + "_" + name
	}
	width := answers.MigrationToolNamed(a.Migrations).Width
	if strings.HasPrefix(a.MigrationsVersion, "0") {
		width = len(a.MigrationsVersion)
	}
	number, _ := strconv.Atoi(a.MigrationsVersion)
	return fmt.Sprintf("%0*d_%s", width, number, name)
}

// migrationFiles returns the paths of the files that create the tables, relative to the
// package's directory, in the order in which they are applied.
func migrationFiles(a answers.Answers, migrated []Migrated, change schemaChange) []string {
	var names []string
	for _, m := range migrated {
		if len(m.Adds) > 0 && !strings.HasSuffix(m.Path, ".down.sql") {
			names = append(names, m.Path)
		}
	}
	if len(change.adds) > 0 {
		name := migrationName(a, migrated, change) + answers.MigrationToolNamed(a.Migrations).End()
		names = append(names, path.Join(MigrationsDir(a), name))
	}
	up := strings.Repeat("../", strings.Count(a.Package, "/")+1)
	for i, name := range names {
		if rest, ok := strings.CutPrefix(name, "/"); ok {
			names[i] = up + rest
		}
	}
	return names
}

// migration holds the statements of a migration: the way up, and the way down.
type migration struct{ up, down string }

// newMigration returns the migration for a change of the schema. Each template creates
// one table. It is named after the table, with a number before it that only matters when
// the templates are applied in place.
func newMigration(a answers.Answers, templates []File, change schemaChange) (migration, error) {
	creates := make(map[string]migration)
	for _, t := range templates {
		m, err := parseMigration(t, answers.MigrationToolNamed(a.Migrations))
		if err != nil {
			return migration{}, err
		}
		_, table, _ := strings.Cut(strings.TrimSuffix(path.Base(t.Path), ".sql"), "_")
		creates[table] = m
	}
	var ups, downs []string
	for _, table := range answers.Tables() {
		if !change.addsTable(table.Name) {
			continue
		}
		m, ok := creates[table.Name]
		if !ok {
			return migration{}, fmt.Errorf("internal error: no migration creates the table %s", table.Name)
		}
		ups, downs = append(ups, m.up), append(downs, m.down)
	}
	slices.Reverse(downs)
	return migration{
		up:   strings.Join(ups, "\n") + change.up(a),
		down: change.down(a) + strings.Join(downs, ""),
	}, nil
}

// parseMigration splits a template, which is in the format of goose, into its statements.
// It drops those annotations of goose that the tool does not need.
func parseMigration(t File, tool answers.MigrationTool) (migration, error) {
	var m, before migration
	part := &before.up
	for line := range strings.Lines(string(t.Data)) {
		annotation, annotated := strings.CutPrefix(strings.TrimSpace(line), "-- +goose ")
		switch {
		case annotated && annotation == "Up" && part == &before.up:
			part = &m.up
		case annotated && annotation == "Down" && part == &m.up:
			part = &m.down
		case !annotated, tool.Statements && strings.HasPrefix(annotation, "Statement"):
			*part += line
		case strings.HasPrefix(annotation, "Statement"):
		default:
			return migration{}, fmt.Errorf("internal error: migration %s: misplaced annotation %q", t.Path, strings.TrimSpace(line))
		}
	}
	m.up, m.down = strings.Trim(m.up, "\n"), strings.Trim(m.down, "\n")
	if strings.TrimSpace(before.up) != "" || m.up == "" || m.down == "" {
		return migration{}, fmt.Errorf("internal error: migration %s: want one Up section and one Down section", t.Path)
	}
	return migration{m.up + "\n", m.down + "\n"}, nil
}

// files returns the texts of the migration for a tool, by the suffix of their file names.
func (m migration) files(tool answers.MigrationTool) map[string]string {
	switch {
	case tool.Pair:
		return map[string]string{".up.sql": m.up, ".down.sql": m.down}
	case tool.OneWay:
		return map[string]string{".sql": m.up}
	}
	return map[string]string{".sql": tool.Up + m.up + "\n" + tool.Down + m.down}
}

// sumAtlas returns the atlas.sum of a directory with these files. The hash of each file
// also covers the files before it, in the order of their names.
func sumAtlas(files []File) []byte {
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
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
