package prompt

import (
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// A console is the user's terminal.
type console struct {
	in    *keyboard
	out   *screen
	close func() error

	fd   uintptr     // of the input
	mode *term.State // of the terminal between questions, nil if it is unknown
}

// openConsole opens the controlling terminal, or falls back on standard input and
// standard error.
func openConsole() (*console, error) {
	in, out, err := openControlling()
	if err == nil {
		return newConsole(in, out, func() error {
			if in == out {
				return in.Close()
			}
			return errors.Join(in.Close(), out.Close())
		})
	}
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())) {
		return newConsole(os.Stdin, os.Stderr, func() error { return nil })
	}
	return nil, ErrNoTerminal
}

func newConsole(in, out *os.File, closeFiles func() error) (*console, error) {
	inFd, err := descriptor(in)
	if err != nil {
		return nil, err
	}
	outFd, err := descriptor(out)
	if err != nil {
		return nil, err
	}
	keys := newKeyboard(in, inFd)
	mode, _ := term.GetState(int(inFd))
	c := &console{in: keys, out: newScreen(out, outFd, keys), close: closeFiles, fd: inFd, mode: mode}
	keys.suspend = c.suspend
	return c, nil
}

// suspend gives the terminal back to the shell until the person continues the process.
// What is on the screen then is not the question, so the rest of it is not drawn: it has
// to be asked again.
func (c *console) suspend() {
	const showCursor = "\x1b[?25h\r\n"
	_, _ = io.WriteString(c.out, showCursor)
	if c.mode != nil {
		_ = term.Restore(int(c.fd), c.mode)
	}
	suspend()
	c.out.discard = true
}

// descriptor returns f's file descriptor. Unlike [os.File.Fd] it does not put the
// file into blocking mode, in which closing it would not end a pending read.
func descriptor(f *os.File) (fd uintptr, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	err = conn.Control(func(d uintptr) { fd = d })
	return fd, err
}

// size returns the size of the terminal in characters, or zeros if it has none.
func (c *console) size() (width, height int) { return c.out.size() }

// A screen is the output side of a terminal. It makes sure that survey gets an
// answer when it asks the terminal where the cursor is.
type screen struct {
	out  io.Writer
	fd   uintptr
	keys *keyboard
	mute bool // the terminal does not report the position of its cursor

	discard bool // nothing is to be drawn
}

const (
	cursorQuery   = "\x1b[6n"
	unknownCursor = "\x1b[1;1R"

	// Long enough for a connection around the world. A terminal that has not answered
	// by then is not asked again.
	reportTimeout = time.Second
)

func newScreen(out io.Writer, fd uintptr, keys *keyboard) *screen {
	s := &screen{out: out, fd: fd, keys: keys}
	// Nobody looks at a terminal without a size, and nothing there would answer.
	width, height := s.size()
	s.mute = width == 0 || height == 0
	return s
}

// Fd returns the terminal's file descriptor.
func (s *screen) Fd() uintptr { return s.fd }

// Write writes p. If p asks for the position of the cursor, Write waits for the answer
// and makes it the next key of the keyboard. Survey crashes without an answer, so Write
// makes one up if the terminal does not answer.
func (s *screen) Write(p []byte) (int, error) {
	if string(p) != cursorQuery {
		if s.discard {
			return len(p), nil
		}
		return s.out.Write(p)
	}
	if s.mute || s.discard {
		s.keys.push(unknownCursor)
		return len(p), nil
	}
	_, err := s.out.Write(p)
	if err == nil {
		err = s.keys.awaitReport(reportTimeout)
	}
	if err != nil {
		s.mute = errors.Is(err, errTimeout)
		s.keys.push(unknownCursor)
	}
	return len(p), nil
}

func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(int(s.fd))
	if err != nil {
		return 0, 0
	}
	return width, height
}
