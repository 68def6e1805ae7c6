// Package text edits the bytes of text files, and normalizes and restores their line
// endings and byte order marks.
package text

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
)

// BOM is the byte order mark of UTF-8.
const BOM = "\ufeff"

// Normalize returns data with LF line endings and without a byte order mark.
func Normalize(data []byte) []byte {
	return bytes.ReplaceAll(bytes.TrimPrefix(data, []byte(BOM)), []byte("\r\n"), []byte("\n"))
}

// Newline returns the line ending of most lines of data, "\r\n" or "\n". The default is
// "\n".
func Newline(data []byte) string {
	if 2*bytes.Count(data, []byte("\r\n")) > bytes.Count(data, []byte("\n")) {
		return "\r\n"
	}
	return "\n"
}

// Like returns normalized data with the byte order mark and the line endings of model.
func Like(model, data []byte) []byte {
	if newline := Newline(model); newline != "\n" {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte(newline))
	}
	if bytes.HasPrefix(model, []byte(BOM)) {
		data = slices.Concat([]byte(BOM), data)
	}
	return data
}

// An Edit replaces the bytes from Start to End.
type Edit struct {
	Start, End int
	New        string
}

// Edits are the edits of one text, in any order. Insertions at the same place are made
// in the order in which they were added, and before a replacement that starts there.
type Edits []Edit

// Replace adds the edit that replaces the bytes from start to end.
func (e *Edits) Replace(start, end int, text string) { *e = append(*e, Edit{start, end, text}) }

// Apply returns data with the edits made. It returns an error if edits overlap.
func (e Edits) Apply(data []byte) ([]byte, error) {
	sorted := slices.Clone(e)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(min(a.End-a.Start, 1), min(b.End-b.Start, 1)))
	})
	var out bytes.Buffer
	done := 0
	for _, x := range sorted {
		if x.Start < done || x.End < x.Start || x.End > len(data) {
			return nil, errors.New("edits overlap, or are not inside the text")
		}
		out.Write(data[done:x.Start])
		out.WriteString(x.New)
		done = x.End
	}
	out.Write(data[done:])
	return out.Bytes(), nil
}
