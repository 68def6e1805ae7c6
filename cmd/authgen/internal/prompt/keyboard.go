package prompt

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/AlecAivazis/survey/v2/terminal"
)

// A keyboard is the input side of a terminal, from which survey reads. Survey makes a new
// buffered reader for each prompt, and for each query of the cursor's position, and loses
// what those readers have buffered. A keyboard therefore
//
//   - reads one byte at a time, so that what is typed ahead stays in the terminal
//     for the next question;
//   - returns exactly one key from each Read;
//   - drops keys that survey would take for an error or for text, and turns keys that
//     must end a question into errors, since survey takes a Ctrl-D for Enter;
//   - turns keys with which the person goes back or suspends the process into an Enter,
//     so that survey returns what is chosen or typed so far. Ended says why.
type keyboard struct {
	in io.Reader
	fd uintptr

	list    bool   // the question is a list, in which Left also goes back
	back    bool   // the person can go back
	suspend func() // stops the process until the person continues it; nil if nothing can

	// ended is why the question ended with an Enter that nobody pressed: ErrBack or
	// errContinued. It is nil otherwise.
	ended error

	bytes   chan readResult // the result of the pending read
	reading bool            // whether a read is pending
	unread  []byte          // a byte to read again

	queue   []string // keys to return before any other
	rest    string   // of the key that the last Read returned a part of
	err     error    // the error to return after the queue
	signals chan os.Signal

	continued chan os.Signal // nil if it does not matter that a shell continued the process
}

type readResult struct {
	b   byte
	err error
}

func newKeyboard(in io.Reader, fd uintptr) *keyboard {
	// The buffer lets a read end for which nobody waits any more.
	return &keyboard{in: in, fd: fd, bytes: make(chan readResult, 1)}
}

const (
	ctrlC  = 0x03
	ctrlD  = 0x04
	ctrlE  = 0x05
	ctrlU  = 0x15
	ctrlZ  = 0x1a
	escape = 0x1b

	// A Ctrl-D that was typed before the question, while the terminal still read whole
	// lines, arrives as a NUL.
	typedAheadCtrlD = 0x00
)

// sequences maps the rest of an escape sequence to survey's name for the key. Survey
// itself takes all but the shortest sequences for text, or fails.
var sequences = map[string]rune{
	"[A": terminal.KeyArrowUp, "OA": terminal.KeyArrowUp,
	"[B": terminal.KeyArrowDown, "OB": terminal.KeyArrowDown,
	"[C": terminal.KeyArrowRight, "OC": terminal.KeyArrowRight,
	"[D": terminal.KeyArrowLeft, "OD": terminal.KeyArrowLeft,
	"[H": terminal.SpecialKeyHome, "OH": terminal.SpecialKeyHome, "[1~": terminal.SpecialKeyHome, "[7~": terminal.SpecialKeyHome,
	"[F": terminal.SpecialKeyEnd, "OF": terminal.SpecialKeyEnd, "[4~": terminal.SpecialKeyEnd, "[8~": terminal.SpecialKeyEnd,
	"[3~": terminal.SpecialKeyDelete,
}

// cursorReport matches a terminal's report of its cursor's position.
var cursorReport = regexp.MustCompile(`^\x1b\[[0-9]+;[0-9]+R$`)

// The bytes of an escape sequence follow each other at once, or almost so over a slow
// connection. If the second is late, the first is the key Esc, which a person wants to
// take effect soon.
const (
	escapeTimeout   = 100 * time.Millisecond
	sequenceTimeout = 500 * time.Millisecond
)

var (
	errTimeout = errors.New("timeout")

	// errContinued reports that the process was suspended and then continued.
	errContinued = errors.New("continued")
)

// Fd returns the terminal's file descriptor.
func (k *keyboard) Fd() uintptr { return k.fd }

// begin prepares for a question. A list is one in which no text is typed.
func (k *keyboard) begin(list, back bool) { k.list, k.back, k.ended = list, back, nil }

// Read reads one key: a character, or a cursor report that was asked for. The error is
// [ErrInterrupt] on Ctrl-C and [io.EOF] on Ctrl-D.
func (k *keyboard) Read(p []byte) (int, error) {
	for k.rest == "" {
		if k.ended != nil { // the Enter could not end the question
			return 0, k.ended
		}
		key, err := k.next()
		if err != nil {
			return 0, err
		}
		k.rest = k.act(key)
	}
	n := copy(p, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

// next returns the next key.
func (k *keyboard) next() (string, error) {
	if len(k.queue) > 0 {
		key := k.queue[0]
		k.queue = k.queue[1:]
		return key, nil
	}
	if err := k.err; err != nil {
		k.err = nil
		return "", err
	}
	key, err := k.readKey(nil)
	if cursorReport.MatchString(key) { // it comes too late
		key = ""
	}
	return key, err
}

// act returns the key that survey gets for one that the person pressed, or "" for none.
func (k *keyboard) act(key string) string {
	const enter = "\r"
	switch {
	case key == string(rune(ctrlZ)):
		if k.suspend == nil {
			return ""
		}
		k.suspend()
		k.ended = errContinued
		return enter
	case key == string(rune(escape)), key == string(terminal.KeyArrowLeft) && k.list:
		if !k.back {
			return ""
		}
		k.ended = ErrBack
		return enter
	}
	return key
}

// awaitReport waits for the terminal's cursor report and makes it the next key to be
// read. Keys that arrive before it are kept for later, and so is an error other than
// errTimeout.
func (k *keyboard) awaitReport(timeout time.Duration) error {
	expired := time.After(timeout)
	for k.err == nil {
		key, err := k.readKey(expired)
		switch {
		case errors.Is(err, errTimeout):
			return err
		case err != nil:
			k.err = err
		case cursorReport.MatchString(key):
			k.push(key)
			return nil
		default:
			k.queue = append(k.queue, key)
		}
	}
	return k.err
}

// push makes key the next one to be read.
func (k *keyboard) push(key string) {
	k.queue = append([]string{key}, k.queue...)
}

// readKey reads a key, as the character that survey knows it by, or a cursor report.
func (k *keyboard) readKey(timeout <-chan time.Time) (string, error) {
	for {
		b, err := k.readByte(timeout)
		if err != nil {
			return "", err
		}
		var key string
		switch b {
		case ctrlC:
			return "", ErrInterrupt
		case ctrlD, typedAheadCtrlD:
			return "", io.EOF
		case ctrlE:
			key = string(terminal.SpecialKeyEnd)
		case ctrlU:
			key = string(terminal.KeyDeleteLine)
		case escape:
			key, err = k.readSequence()
		default:
			key, err = k.readRune(b)
		}
		if err != nil || key != "" {
			return key, err
		}
	}
}

// readSequence reads the rest of an escape sequence. It returns an escape if there is
// none, and an empty key for a sequence that means nothing to a prompt.
func (k *keyboard) readSequence() (string, error) {
	timeout := time.After(escapeTimeout)
	var seq []byte
	for {
		b, err := k.readByte(timeout)
		switch {
		case errors.Is(err, errTimeout) && len(seq) == 0:
			return string(rune(escape)), nil
		case errors.Is(err, errTimeout):
			return "", nil
		case err != nil:
			return "", err
		case b < ' ':
			// It was not a sequence; this is a key of its own, and may be Ctrl-C.
			k.unread = []byte{b}
			if len(seq) == 0 {
				return string(rune(escape)), nil
			}
			return "", nil
		}
		if len(seq) == 0 {
			timeout = time.After(sequenceTimeout)
		}
		seq = append(seq, b)
		if len(seq) == 1 && (b == '[' || b == 'O') || len(seq) > 1 && (b < '@' || b > '~') {
			continue
		}
		if report := "\x1b" + string(seq); cursorReport.MatchString(report) {
			return report, nil
		}
		if key, ok := sequences[string(seq)]; ok {
			return string(key), nil
		}
		return "", nil
	}
}

// readRune reads the rest of a character that starts with b. It returns an empty
// key for bytes that are not UTF-8.
func (k *keyboard) readRune(b byte) (string, error) {
	char := []byte{b}
	timeout := time.After(sequenceTimeout)
	for !utf8.FullRune(char) {
		next, err := k.readByte(timeout)
		if errors.Is(err, errTimeout) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if utf8.RuneStart(next) {
			k.unread = []byte{next}
			return "", nil
		}
		char = append(char, next)
	}
	if !utf8.Valid(char) {
		return "", nil
	}
	return string(char), nil
}

// readLine reads a line and returns it without the newline.
func (k *keyboard) readLine() (string, error) {
	var line []byte
	for {
		b, err := k.readByte(nil)
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return string(line), nil
		}
		line = append(line, b)
	}
}

// readByte reads a byte, unless the timeout or a watched signal comes first. The next
// readByte continues a read that is still pending then.
func (k *keyboard) readByte(timeout <-chan time.Time) (byte, error) {
	if len(k.unread) > 0 {
		b := k.unread[0]
		k.unread = nil
		return b, nil
	}
	if !k.reading {
		k.reading = true
		go func() {
			var b [1]byte
			_, err := io.ReadFull(k.in, b[:])
			k.bytes <- readResult{b[0], err}
		}()
	}
	select {
	case r := <-k.bytes:
		k.reading = false
		return r.b, r.err
	case <-k.signals:
		return 0, ErrInterrupt
	case <-k.continued:
		return 0, errContinued
	case <-timeout:
		return 0, errTimeout
	}
}

// watchSignals makes reads fail with [ErrInterrupt] on a signal, until the returned
// function is called. Otherwise the signal would end the process and leave the terminal
// in a mode that a shell cannot use.
func (k *keyboard) watchSignals() (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	k.signals = signals
	return func() {
		signal.Stop(signals)
		k.signals = nil
	}
}

// watchContinued makes reads fail with errContinued when a shell continues the process,
// until the returned function is called.
func (k *keyboard) watchContinued() (stop func()) {
	continued := make(chan os.Signal, 1)
	notifyContinued(continued)
	k.continued = continued
	return func() {
		signal.Stop(continued)
		k.continued = nil
	}
}
