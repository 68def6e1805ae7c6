package prompt

import "os"

func openControlling() (in, out *os.File, err error) {
	// Survey sets the mode of the input and the position in the output, and the
	// console wants to be opened for writing to allow the one, for reading to
	// allow the other.
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
