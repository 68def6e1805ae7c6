package prompt

import "os"

func openControlling() (in, out *os.File, err error) {
	// Survey sets the mode of the input, which needs write access to it, and the
	// position in the output, which needs read access to it.
	in, err = os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	out, err = os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		in.Close()
		return nil, nil, err
	}
	return in, out, nil
}

// listsGoBack is false, since survey reads the console itself, without the keyboard.
const listsGoBack = false

// notifyContinued does nothing: processes are not suspended here.
func notifyContinued(chan<- os.Signal) {}

// suspend does nothing: processes are not suspended here.
func suspend() {}
