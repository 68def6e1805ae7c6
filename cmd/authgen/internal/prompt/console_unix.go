//go:build !windows

package prompt

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

func openControlling() (in, out *os.File, err error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	return tty, tty, err
}

// listsGoBack is whether the keyboard sees the keys of lists, so that one of them can mean to
// go back.
const listsGoBack = true

// notifyContinued has a channel get the signals with which a shell continues the process.
func notifyContinued(signals chan<- os.Signal) { signal.Notify(signals, syscall.SIGCONT) }

// suspend stops the processes at the terminal, as the terminal itself does on Ctrl-Z, until
// a shell continues them.
func suspend() {
	continued := make(chan os.Signal, 1)
	notifyContinued(continued)
	defer signal.Stop(continued)
	if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
		return
	}
	// The signal may take effect a moment later. It has none if no shell could continue
	// the processes.
	select {
	case <-continued:
	case <-time.After(time.Second):
	}
}
