package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/archive"
	"github.com/authgen/authgen/generator/examples"
	"github.com/authgen/authgen/generator/older"
	"github.com/authgen/authgen/generator/plan"
)

// versionsDir has an archive for each released version with the examples of that version,
// for tests of upgrades. The checksums of the archives are in checksumFile, in the format
// of sha256sum.
//
// An archive is written once, when a version is released, by
//
//	go test ./cmd/authgen -run TestVersions -update
//
// after CHANGELOG.md no longer says "not released yet" about it. From then on, the
// templates cannot change without another generator.Version.
var versionsDir = filepath.Join("..", "..", "testdata", "versions")

const checksumFile = "SHA256SUMS"

func archiveName(version string) string { return version + ".tar.gz" }

func TestVersions(t *testing.T) {
	sums, err := readChecksums()
	if err != nil {
		t.Fatal(err)
	}
	released := releasedVersions(t)
	for _, version := range released {
		_, archived := sums[archiveName(version)]
		switch {
		case archived:
		case *update && version == generator.Version:
			if err := release(version, readExamples(t)); err != nil {
				t.Fatal(err)
			}
			if sums, err = readChecksums(); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("CHANGELOG.md says that %s is released, and %s has no line for it (run go test ./cmd/authgen -run TestVersions -update while it is generator.Version)",
				version, checksumFile)
		}
	}

	for name, sum := range sums {
		version := strings.TrimSuffix(name, ".tar.gz")
		if !slices.Contains(released, version) {
			t.Errorf("%s has a line for %s, but CHANGELOG.md does not say that it is released", checksumFile, version)
		}
		data, err := os.ReadFile(filepath.Join(versionsDir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if now := fmt.Sprintf("%x", sha256.Sum256(data)); now != sum {
			t.Errorf("%s changed after the release: its SHA-256 is %s", name, now)
		}
		files, err := readArchive(version)
		if err != nil {
			t.Error(err)
			continue
		}
		checkSamples(t, version, files)
		if version != generator.Version {
			continue
		}
		if diff := cmp.Diff(texts(files), texts(readExamples(t))); diff != "" {
			t.Errorf("the examples differ from those of %s, which is released: emitted code may change only together with generator.Version\n%s", version, diff)
		}
	}
	found, err := filepath.Glob(filepath.Join(versionsDir, "*.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if _, ok := sums[filepath.Base(name)]; !ok {
			t.Errorf("%s has no line for %s", checksumFile, filepath.Base(name))
		}
	}
}

// TestArchive makes an archive of the current examples, as for a release, and unpacks a
// sample.
func TestArchive(t *testing.T) {
	released := versionsDir
	versionsDir = t.TempDir()
	defer func() { versionsDir = released }()
	projects := readExamples(t)
	if err := release(generator.Version, projects); err != nil {
		t.Fatal(err)
	}
	if err := release(generator.Version, projects); !errors.Is(err, fs.ErrExist) {
		t.Errorf("written again: error %v", err)
	}
	data, err := os.ReadFile(filepath.Join(versionsDir, archiveName(generator.Version)))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := readChecksums()
	if want := fmt.Sprintf("%x", sha256.Sum256(data)); err != nil || len(sums) != 1 || sums[archiveName(generator.Version)] != want {
		t.Errorf("the checksums are %v, error %v, want %s", sums, err, want)
	}
	files, err := readArchive(generator.Version)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(texts(projects), texts(files)); diff != "" {
		t.Errorf("unpacked (-want +got)\n%s", diff)
	}
	checkSamples(t, generator.Version, files)

	const sample = "nethttp-database"
	project, err := archivedProject(generator.Version, sample)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeModule(t, dir, project)
	if diff := cmp.Diff(readTree(t, filepath.Join("..", "..", "examples", sample)), readTree(t, dir)); diff != "" {
		t.Errorf("the sample (-want +got)\n%s", diff)
	}
	if _, err := archivedProject(generator.Version, "nothing"); err == nil {
		t.Error("no error for a sample that does not exist")
	}
}

// archivedProject returns one sample of a released version, the project of an example.
func archivedProject(version, sample string) (fstest.MapFS, error) {
	files, err := readArchive(version)
	if err != nil {
		return nil, err
	}
	project := make(fstest.MapFS)
	for name, f := range files {
		if below, ok := strings.CutPrefix(name, sample+"/"); ok {
			project[below] = f
		}
	}
	if project["go.mod"] == nil {
		return nil, fmt.Errorf("%s has no sample %s", archiveName(version), sample)
	}
	return project, nil
}

// releasedVersions returns the versions in the changelog that it does not call "not
// released yet".
func releasedVersions(t *testing.T) []string {
	t.Helper()
	changelog, err := os.ReadFile(filepath.Join("..", "..", "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	var released []string
	for _, m := range regexp.MustCompile(`(?m)^## (v[^\s,]+)(.*)`).FindAllSubmatch(changelog, -1) {
		if !bytes.Contains(m[2], []byte("not released yet")) {
			released = append(released, string(m[1]))
		}
	}
	return released
}

// readChecksums returns the checksums of the archives by their names.
func readChecksums() (map[string]string, error) {
	data, err := os.ReadFile(filepath.Join(versionsDir, checksumFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	sums := make(map[string]string)
	for line := range strings.Lines(string(data)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			return nil, fmt.Errorf("%s: %q is not a line of sha256sum", checksumFile, line)
		}
		sums[name] = sum
	}
	return sums, err
}

// release writes the archive of a version and adds its checksum. It returns an error if
// the archive already exists.
func release(version string, files fstest.MapFS) error {
	data, err := archive.Pack(files)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(versionsDir, archiveName(version)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	sums, err := os.OpenFile(filepath.Join(versionsDir, checksumFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(sums, "%x  %s\n", sha256.Sum256(data), archiveName(version))
	return errors.Join(err, sums.Close())
}

// readArchive returns the files of a version. Each sample is in a directory with its name.
func readArchive(version string) (fstest.MapFS, error) {
	f, err := os.Open(filepath.Join(versionsDir, archiveName(version)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	files, err := archive.Unpack(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", archiveName(version), err)
	}
	return files, err
}

// readExamples returns the files of all examples, made again.
func readExamples(t *testing.T) fstest.MapFS {
	t.Helper()
	files := make(fstest.MapFS)
	for _, e := range examples.All {
		project, err := sampleProject(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range project {
			if !f.Mode.IsDir() {
				files[path.Join(e.Name, name)] = f
			}
		}
	}
	return files
}

// texts returns the contents of files by name.
func texts(files fstest.MapFS) map[string]string {
	texts := make(map[string]string)
	for name, f := range files {
		texts[name] = string(f.Data)
	}
	return texts
}

// lockedFile is a line of authgen.lock that lists a file.
var lockedFile = regexp.MustCompile(`(?m)^    \{"path":"([^"]+)","class":"([a-z]+)","hash":"([0-9a-f]{64})"(?:,"adds":\[[^\]]*\])?\},?$`)

// checkSamples checks that the samples are from a version: each has a lock of that version,
// which lists exactly the files of the sample's package.
func checkSamples(t *testing.T, version string, files fstest.MapFS) {
	t.Helper()
	samples, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		const dir = "internal/auth"
		lockName := path.Join(sample.Name(), dir, plan.LockFile)
		text, err := files.ReadFile(lockName)
		if err != nil {
			t.Errorf("%s: %v", version, err)
			continue
		}
		if !bytes.Equal(text, older.Seal(text)) {
			t.Errorf("%s: %s: the checksum does not fit", version, lockName)
		}
		if !bytes.Contains(text, []byte("\n  \"version\": \""+version+"\",\n")) {
			t.Errorf("%s: %s is of another version", version, lockName)
		}
		listed := map[string]string{lockName: "", path.Join(sample.Name(), dir, answers.FileName): ""}
		for _, m := range lockedFile.FindAllSubmatch(text, -1) {
			name := path.Join(sample.Name(), dir, string(m[1]))
			if m[1][0] == '/' {
				name = path.Join(sample.Name(), string(m[1]))
			}
			listed[name] = string(m[3])
		}
		for name, hash := range listed {
			data, err := files.ReadFile(name)
			if err != nil {
				t.Errorf("%s: %s: %v", version, lockName, err)
			} else if sum := sha256.Sum256(data); hash != "" && hash != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: %s does not have the hash in %s", version, name, plan.LockFile)
			}
		}
		for name := range files {
			if _, ok := listed[name]; !ok && strings.HasPrefix(name, path.Join(sample.Name(), dir)+"/") {
				t.Errorf("%s: %s is not in %s", version, name, plan.LockFile)
			}
		}
	}
}
