package prompt

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/AlecAivazis/survey/v2/terminal"
	"github.com/google/go-cmp/cmp"
)

// readAll reads keys until there is an error, and returns both.
func readAll(k *keyboard) (keys []string, err error) {
	buf := make([]byte, 16)
	for {
		n, err := k.Read(buf)
		if err != nil {
			return keys, err
		}
		keys = append(keys, string(buf[:n]))
	}
}

func TestKeyboardRead(t *testing.T) {
	const (
		up    = string(terminal.KeyArrowUp)
		down  = string(terminal.KeyArrowDown)
		left  = string(terminal.KeyArrowLeft)
		right = string(terminal.KeyArrowRight)
		home  = string(terminal.SpecialKeyHome)
		end   = string(terminal.SpecialKeyEnd)
		del   = string(terminal.SpecialKeyDelete)
	)
	tests := []struct {
		name, typed string
		want        []string
		wantErr     error
	}{
		{"characters", "aä日😀\r", []string{"a", "ä", "日", "😀", "\r"}, io.EOF},
		{"arrows", "\x1b[A\x1b[B\x1b[C\x1b[D", []string{up, down, right, left}, io.EOF},
		{"application arrows", "\x1bOA\x1bOB\x1bOC\x1bOD", []string{up, down, right, left}, io.EOF},
		{"home, end, delete", "\x1b[H\x1b[7~\x1b[F\x1b[4~\x05\x1b[3~", []string{home, home, end, end, end, del}, io.EOF},
		{"keys that mean nothing", "\x1b[1;5B\x1b[15~\x1bx\x1bäa", []string{"a"}, io.EOF},
		{"escape and a sequence", "\x1b\x1b[Ba", []string{down, "a"}, io.EOF},
		{"not UTF-8", "\xffa\xc3b\xe6\x97", []string{"a", "b"}, io.EOF},
		{"unexpected report", "a\x1b[24;80Rb", []string{"a", "b"}, io.EOF},
		{"Ctrl-C", "a\x03b", []string{"a"}, ErrInterrupt},
		{"Ctrl-C in a sequence", "a\x1b[\x03b", []string{"a"}, ErrInterrupt},
		{"Ctrl-D", "a\x04b", []string{"a"}, io.EOF},
		{"Ctrl-D typed ahead", "a\x00b", []string{"a"}, io.EOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newKeyboard(strings.NewReader(tt.typed), 0)
			got, err := readAll(k)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if !errors.Is(err, tt.wantErr) && !(tt.wantErr == io.EOF && errors.Is(err, io.ErrUnexpectedEOF)) {
				t.Errorf("error %v, want %v", err, tt.wantErr)
			}
		})
	}
}

// A sequence is one key even if it arrives in pieces.
func TestKeyboardReadInPieces(t *testing.T) {
	in, typist := io.Pipe()
	go func() {
		for _, piece := range []string{"\x1b", "[", "B", "\xc3", "\xa4"} {
			io.WriteString(typist, piece)
		}
		typist.Close()
	}()
	got, _ := readAll(newKeyboard(in, 0))
	if diff := cmp.Diff([]string{string(terminal.KeyArrowDown), "ä"}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// A keyboard does not read more than is asked for.
func TestKeyboardReadsNoFurther(t *testing.T) {
	typed := strings.NewReader("a\nb\n")
	k := newKeyboard(typed, 0)
	if line, err := k.readLine(); line != "a" || err != nil {
		t.Fatalf("readLine: %q, %v", line, err)
	}
	if _, err := k.Read(make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	if typed.Len() != 1 {
		t.Errorf("%d bytes left in the terminal, want 1", typed.Len())
	}
}

func TestReadLineHalf(t *testing.T) {
	k := newKeyboard(strings.NewReader("yes"), 0)
	if line, err := k.readLine(); line != "" || err != io.EOF {
		t.Errorf("readLine: %q, %v, want no line and EOF", line, err)
	}
}

// answering is a terminal that answers the first query of its cursor's position with the
// first answer, the second query with the second, and so on.
type answering struct {
	typist  io.Writer
	answers []string
	asked   int
}

func (a *answering) Write(p []byte) (int, error) {
	if string(p) == cursorQuery {
		answer := a.answers[a.asked]
		a.asked++
		go io.WriteString(a.typist, answer)
	}
	return len(p), nil
}

func TestScreenCursorQuery(t *testing.T) {
	const report = "\x1b[24;80R"
	tests := []struct {
		name, arrives string
		want          []string
		wantErr       error
	}{
		{"report", report + "x\x03", []string{report, "x"}, ErrInterrupt},
		{"keys around the report", "R\x1b[Bä" + report + "x\x03", []string{report, "R", string(terminal.KeyArrowDown), "ä", "x"}, ErrInterrupt},
		{"Ctrl-C instead", "ab\x03", []string{unknownCursor, "a", "b"}, ErrInterrupt},
		{"Ctrl-D instead", "ab\x04", []string{unknownCursor, "a", "b"}, io.EOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, typist := io.Pipe()
			k := newKeyboard(in, 0)
			s := &screen{out: &answering{typist: typist, answers: []string{tt.arrives}}, keys: k}
			if _, err := io.WriteString(s, cursorQuery); err != nil {
				t.Fatal(err)
			}
			got, err := readAll(k)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if err != tt.wantErr {
				t.Errorf("error %v, want %v", err, tt.wantErr)
			}
			if s.mute {
				t.Error("a terminal that had no time to answer counts as mute")
			}
		})
	}
}

// Survey asks twice in a row: each report is the next key, and the keys that arrive in
// between keep their order.
func TestScreenCursorQueryTwice(t *testing.T) {
	in, typist := io.Pipe()
	k := newKeyboard(in, 0)
	s := &screen{out: &answering{typist: typist, answers: []string{"a\x1b[1;1R", "b\x1b[2;2Rc\x03"}}, keys: k}
	var got []string
	buf := make([]byte, 16)
	for range 2 {
		io.WriteString(s, cursorQuery)
		n, err := k.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(buf[:n]))
	}
	rest, _ := readAll(k)
	if diff := cmp.Diff([]string{"\x1b[1;1R", "\x1b[2;2R", "a", "b", "c"}, append(got, rest...)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// A terminal that does not answer is asked only once, and a late answer is not a key.
func TestScreenMute(t *testing.T) {
	in, typist := io.Pipe()
	k := newKeyboard(in, 0)
	out := &answering{typist: typist, answers: []string{""}}
	s := &screen{out: out, keys: k}
	for range 2 {
		io.WriteString(s, cursorQuery)
		buf := make([]byte, 16)
		n, err := k.Read(buf)
		if got := string(buf[:n]); got != unknownCursor || err != nil {
			t.Fatalf("Read: %q, %v, want %q", got, err, unknownCursor)
		}
	}
	if out.asked != 1 {
		t.Errorf("asked %d times, want once", out.asked)
	}
	go io.WriteString(typist, "\x1b[24;80Ra\x03")
	if got, _ := readAll(k); !cmp.Equal(got, []string{"a"}) {
		t.Errorf("keys %q, want a", got)
	}
}

func TestAwaitReportTimeout(t *testing.T) {
	in, _ := io.Pipe()
	if err := newKeyboard(in, 0).awaitReport(time.Nanosecond); err != errTimeout {
		t.Errorf("error %v, want %v", err, errTimeout)
	}
}

// Keys that end a question without an answer become an Enter, so that survey returns what
// is chosen or typed. If that ends nothing, reading fails.
func TestKeyboardEnds(t *testing.T) {
	const left = string(terminal.KeyArrowLeft)
	tests := []struct {
		name       string
		list, back bool
		typed      string
		want       []string
		wantErr    error
	}{
		{"Esc in a list", true, true, "a\x1b", []string{"a", "\r"}, ErrBack},
		{"Left in a list", true, true, "a\x1b[Db", []string{"a", "\r"}, ErrBack},
		{"Esc in a line", false, true, "a\x1b", []string{"a", "\r"}, ErrBack},
		{"Left in a line", false, true, "a\x1b[Db", []string{"a", left, "b"}, io.EOF},
		{"Esc in the first list", true, false, "a\x1b\x1b[Ab", []string{"a", string(terminal.KeyArrowUp), "b"}, io.EOF},
		{"Left in the first list", true, false, "a\x1b[Db", []string{"a", "b"}, io.EOF},
		{"Esc before another key", true, true, "\x1b\r", []string{"\r"}, ErrBack},
		{"Alt and a letter", true, true, "\x1bxa", []string{"a"}, io.EOF},
		{"Alt and Backspace", true, true, "\x1b\x7fa", []string{"a"}, io.EOF},
		{"Ctrl-Z", true, false, "a\x1ab", []string{"a", "\r"}, errContinued},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, typist := io.Pipe()
			go func() {
				io.WriteString(typist, tt.typed)
				if !strings.HasSuffix(tt.typed, "\x1b") { // otherwise its end would be no Esc
					typist.Close()
				}
			}()
			k := newKeyboard(in, 0)
			suspended := 0
			k.suspend = func() { suspended++ }
			k.begin(tt.list, tt.back)
			got, err := readAll(k)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if !errors.Is(err, tt.wantErr) && !(tt.wantErr == io.EOF && errors.Is(err, io.ErrUnexpectedEOF)) {
				t.Errorf("error %v, want %v", err, tt.wantErr)
			}
			if want := strings.Count(tt.typed, "\x1a"); suspended != want {
				t.Errorf("suspended %d times, want %d", suspended, want)
			}

			// The next question is not affected.
			k.begin(tt.list, tt.back)
			if k.ended != nil {
				t.Errorf("the next question ends with %v", k.ended)
			}
		})
	}
}
