package prompt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/term"
)

// A person simulates a user at a terminal that, unlike testscript's, has a size and reports
// the position of its cursor.
type person struct {
	keyboard *os.File // the controlling side
	tty      *os.File

	mu     sync.Mutex
	wrote  sync.Cond
	screen bytes.Buffer
	gone   bool
}

func newPerson(t *testing.T, columns, lines uint16) *person {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { ptmx.Close() })
	var number, unlock int32
	size := [4]uint16{lines, columns}
	for _, call := range []struct {
		name uintptr
		arg  unsafe.Pointer
	}{
		{syscall.TIOCGPTN, unsafe.Pointer(&number)},
		{syscall.TIOCSPTLCK, unsafe.Pointer(&unlock)},
		{syscall.TIOCSWINSZ, unsafe.Pointer(&size)},
	} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, ptmx.Fd(), call.name, uintptr(call.arg)); errno != 0 {
			t.Fatal(errno)
		}
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	p := &person{keyboard: ptmx, tty: tty}
	p.wrote.L = &p.mu
	go p.watch()
	return p
}

// watch records what the terminal shows, and answers queries of the cursor's position.
func (p *person) watch() {
	buf := make([]byte, 4096)
	for {
		n, err := p.keyboard.Read(buf)
		p.mu.Lock()
		before := strings.Count(p.screen.String(), cursorQuery)
		p.screen.Write(buf[:n])
		queries := strings.Count(p.screen.String(), cursorQuery) - before // one may arrive in pieces
		p.gone = err != nil
		p.wrote.Broadcast()
		p.mu.Unlock()
		for range queries {
			io.WriteString(p.keyboard, "\x1b[12;20R")
		}
		if err != nil {
			return
		}
	}
}

// await waits until the screen has shown text.
func (p *person) await(t *testing.T, text string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !strings.Contains(p.screen.String(), text) {
		if p.gone {
			t.Fatalf("the terminal is gone and has not shown %q", text)
		}
		p.wrote.Wait()
	}
}

// forget lets the next await look only at what is shown from now on.
func (p *person) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen.Reset()
}

func (p *person) press(keys string) { io.WriteString(p.keyboard, keys) }

// mode returns the terminal's mode.
func (p *person) mode(t *testing.T) *term.State {
	t.Helper()
	mode, err := term.GetState(int(p.tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return mode
}

// start starts the ask command at p's terminal.
func (p *person) start(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = &exec.Cmd{
		Path: exe, Args: append([]string{"ask"}, args...),
		Env:    append(os.Environ(), "TERM=xterm", "ACCESSIBLE=", "NO_COLOR="),
		Stdout: stdout, Stderr: stderr,
		ExtraFiles:  []*os.File{p.tty},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3},
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, stdout, stderr
}

// However a question ends, the terminal is in the same mode as before, and its cursor is
// visible.
func TestTerminalRestored(t *testing.T) {
	const (
		list    = "Session style?"
		many    = "Features?"
		line    = "Port?"
		confirm = "Change go.mod?"
	)
	tests := []struct {
		name     string
		args     []string
		await    string
		press    string
		signal   os.Signal
		wantExit int
	}{
		{"list answered", []string{"choose"}, list, "\r", nil, 0},
		{"list Ctrl-C", []string{"choose"}, list, "\x1b[B\x03", nil, 130},
		{"list Ctrl-D", []string{"choose"}, list, "\x1b[B\x04", nil, 2},
		{"list SIGTERM", []string{"choose"}, list, "", syscall.SIGTERM, 130},
		{"many answered", []string{"any"}, many, " \r", nil, 0},
		{"many Ctrl-C", []string{"any"}, many, " \x03", nil, 130},
		{"many Ctrl-D", []string{"any"}, many, " \x04", nil, 2},
		{"many SIGTERM", []string{"any"}, many, "", syscall.SIGTERM, 130},
		{"line answered", []string{"port"}, line, "http\r\x1580\r", nil, 0},
		{"line Ctrl-C", []string{"port"}, line, "http\r8\x03", nil, 130},
		{"line Ctrl-D", []string{"port"}, line, "8\x04", nil, 2},
		{"line SIGINT", []string{"port"}, line, "", os.Interrupt, 130},
		{"confirm answered", []string{"confirm"}, confirm, "y\r", nil, 0},
		{"confirm Ctrl-C", []string{"confirm"}, confirm, "y\x03", nil, 130},
		{"confirm Ctrl-D", []string{"confirm"}, confirm, "y\x04", nil, 2},
		{"confirm SIGTERM", []string{"confirm"}, confirm, "", syscall.SIGTERM, 130},
		{"plain answered", []string{"-plain", "choose"}, "Number or name", "1\r", nil, 0},
		{"plain Ctrl-C", []string{"-plain", "choose"}, "Number or name", "1\x03", nil, 130},
		{"plain Ctrl-D", []string{"-plain", "choose"}, "Number or name", "\x04", nil, 2},
		{"plain SIGTERM", []string{"-plain", "confirm"}, "yes or no", "", syscall.SIGTERM, 130},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPerson(t, 80, 24)
			before := p.mode(t)
			cmd, stdout, stderr := p.start(t, tt.args...)
			p.await(t, tt.await)
			if tt.signal != nil {
				cmd.Process.Signal(tt.signal)
			} else {
				p.press(tt.press)
			}
			if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != tt.wantExit {
				t.Errorf("exit code %d, want %d; stderr:\n%s", got, tt.wantExit, stderr)
			}
			if answered := stdout.Len() > 0; answered != (tt.wantExit == 0) {
				t.Errorf("stdout %q", stdout)
			}
			if after := p.mode(t); !reflect.DeepEqual(after, before) {
				t.Errorf("the terminal's mode was\n%v, and is now\n%v", before, after)
			}
			const last = "the end of what was shown"
			io.WriteString(p.tty, last)
			p.await(t, last)
			p.mu.Lock()
			defer p.mu.Unlock()
			shown := p.screen.String()
			if strings.LastIndex(shown, "\x1b[?25l") > strings.LastIndex(shown, "\x1b[?25h") {
				t.Error("the cursor was left hidden")
			}
		})
	}
}

// Ctrl-Z gives the terminal to the shell. When the shell continues the process, the
// question is asked again with what was chosen or typed.
func TestSuspend(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(exe, dir+"/ask"); err != nil {
		t.Fatal(err)
	}
	p := newPerson(t, 80, 24)
	shell := &exec.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-i"}, Dir: dir,
		Env:   append(os.Environ(), "TERM=xterm", "ACCESSIBLE=", "NO_COLOR=1", "ENV=", "PS1=ready> "),
		Stdin: p.tty, Stdout: p.tty, Stderr: p.tty,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	if err := shell.Start(); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		shell.Process.Kill()
		shell.Wait()
	})
	suspend := func(keys, shown string) {
		t.Helper()
		p.press(keys)
		p.await(t, shown)
		p.forget()
		p.press("\x1a")
		p.await(t, "ready> ") // which the shell asks
		p.forget()
		p.press("fg\r")
	}
	p.await(t, "ready> ")
	p.press("./ask choose any port confirm\r")
	p.await(t, "Session style?")
	suspend("\x1b[B", "> both")
	p.await(t, "> both")
	p.press("\r")
	p.await(t, `choose: "both"`)
	p.await(t, "Features?")
	suspend(" ", "[ ] Password reset")
	p.await(t, "[ ] Password reset")
	p.press("\r")
	p.await(t, `any: "[verify]"`)
	p.await(t, "Port?")
	suspend("80", "80")
	p.await(t, "80")
	p.press("81\r")
	p.await(t, `port: "8081"`)
	p.await(t, "Change go.mod?")
	suspend("no", "no")
	p.await(t, "no")
	p.press("\r")
	p.await(t, `confirm: "false"`)

	p.await(t, "ready> ")
	p.forget()
	p.press("./ask -plain port\r")
	p.await(t, "Port? [8080]: ")
	suspend("80", "80")
	p.await(t, "Port? [8080]: ")
	p.press("90\r")
	p.await(t, `port: "90"`)
}

// An error disappears once the text is right, and so does a question from which the person
// goes back.
func TestNothingLeft(t *testing.T) {
	p := newPerson(t, 80, 24)
	cmd, stdout, stderr := p.start(t, "-back", "port", "any")
	p.await(t, "Port?")
	p.press("http\r")
	p.await(t, `X "http" is not a port`)
	p.await(t, "http") // in the line
	p.forget()
	p.press("\x1580\r")
	p.await(t, "Features?")
	p.mu.Lock()
	shown := p.screen.String()
	p.mu.Unlock()
	// The question and the error above it are erased, and the answer is drawn there.
	if i := strings.LastIndex(shown, "Port?"); !strings.Contains(shown[:i], "\x1b[1A\x1b[0G\x1b[2K") || strings.Contains(shown[i:], "is not a port") {
		t.Errorf("shown: %q", shown)
	}
	p.forget()
	p.press("\x1b[D")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v; stderr:\n%s", err, stderr)
	}
	if got, want := stdout.String(), "port: \"80\"\nany: back from \"[reset verify]\"\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// All keys are typed before the questions, and the terminal's reports arrive among them.
func TestTypeAhead(t *testing.T) {
	p := newPerson(t, 80, 24)
	p.press("\x1b[B\rRob R\r \x1b[B\x1b[B\x1b[B \rhttp\r\x16\x159000\rn\rend\r")
	cmd, stdout, stderr := p.start(t, "choose", "line", "any", "port", "confirm", "line")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v; stderr:\n%s", err, stderr)
	}
	const want = `choose: "both"
line: "Rob R"
any: "[verify audit]"
port: "9000"
confirm: "false"
line: "end"
`
	if got := stdout.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Without a controlling terminal, the questions go to standard error, if that and
// standard input are a terminal.
func TestStandardInput(t *testing.T) {
	for _, args := range [][]string{{"choose"}, {"-plain", "choose"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			p := newPerson(t, 80, 24)
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			var stdout bytes.Buffer
			cmd := &exec.Cmd{
				Path: exe, Args: append([]string{"ask"}, args...),
				Env:   append(os.Environ(), "TERM=xterm", "ACCESSIBLE="),
				Stdin: p.tty, Stdout: &stdout, Stderr: p.tty,
				SysProcAttr: &syscall.SysProcAttr{Setsid: true},
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			p.await(t, "Session style?")
			p.press("\r")
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			if got, want := stdout.String(), "choose: \"stateless\"\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// A list fits on a screen of any size, and no word is broken or lost.
func TestListFits(t *testing.T) {
	tests := []struct {
		columns, lines uint16
		wantPage       int
	}{
		{200, 50, 4},
		{80, 24, 4},
		{80, 6, 3},
		{40, 8, 2},
		{40, 3, 1},
	}
	q := Question{Text: "Features?", Help: "All can be changed later."}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%dx%d", tt.columns, tt.lines), func(t *testing.T) {
			tty := newPerson(t, tt.columns, tt.lines).tty
			c, err := newConsole(tty, tty, tty.Close)
			if err != nil {
				t.Fatal(err)
			}
			p := &surveyPrompter{c}
			described := p.describe(features)
			for i, o := range features {
				shown := focus + o.Label + separator + described[i]
				for line := range strings.SplitSeq(shown, "\n") {
					if len(line) > int(tt.columns) {
						t.Errorf("line %q is longer than %d", line, tt.columns)
					}
				}
				if !slices.Equal(strings.Fields(described[i]), strings.Fields(o.Help)) {
					t.Errorf("described as %q, want the words of %q", described[i], o.Help)
				}
			}
			if got := p.pageSize(q, features, described); got != tt.wantPage {
				t.Errorf("page of %d options, want %d", got, tt.wantPage)
			}
		})
	}
}
