// Package archive packs the output of released versions, which tests keep.
package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing/fstest"
)

// Pack returns an archive of the files, each of which is named after its sample and its
// path in the sample. Of files with equal content, all but the first are hard links to
// it. Files with the same path are neighbors, which helps compression.
func Pack(files fstest.MapFS) ([]byte, error) {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		sampleA, pathA, _ := strings.Cut(a, "/")
		sampleB, pathB, _ := strings.Cut(b, "/")
		if pathA != pathB {
			return strings.Compare(pathA, pathB)
		}
		return strings.Compare(sampleA, sampleB)
	})
	var b bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(compressed)
	first := make(map[string]string)
	for _, name := range names {
		data := files[name].Data
		h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(data))}
		if of, ok := first[string(data)]; ok {
			h.Typeflag, h.Linkname, h.Size, data = tar.TypeLink, of, 0, nil
		} else {
			first[string(data)] = name
		}
		if err := archive.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := archive.Write(data); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(archive.Close(), compressed.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Unpack returns the files of an archive.
func Unpack(r io.Reader) (fstest.MapFS, error) {
	compressed, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	files := make(fstest.MapFS)
	for archive := tar.NewReader(compressed); ; {
		h, err := archive.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeLink {
			of, ok := files[h.Linkname]
			if !ok {
				return nil, fmt.Errorf("%s: no file %s before it", h.Name, h.Linkname)
			}
			files[h.Name] = of
			continue
		}
		data, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		files[h.Name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
}
