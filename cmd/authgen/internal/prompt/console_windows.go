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
