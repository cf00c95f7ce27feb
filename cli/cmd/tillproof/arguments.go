package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// errReported ends a command as failed whose output has said why already.
var errReported = errors.New("reported")

// usageError is a mistake in the command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, arguments ...any) error {
	return &usageError{fmt.Errorf(format, arguments...)}
}

// newFlags makes a flag set that leaves all printing to its caller.
func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	return flags
}

// parse reads options and operands in any order; after "--" all are operands.
// Asked for help it prints help and returns flag.ErrHelp.
func parse(flags *flag.FlagSet, arguments []string, help string, out io.Writer) ([]string, error) {
	var operands []string
	for {
		err := flags.Parse(arguments)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(out, help)
			return nil, err
		} else if err != nil {
			return nil, &usageError{err}
		}
		rest := flags.Args()
		if len(rest) == 0 {
			return operands, nil
		}
		if parsed := len(arguments) - len(rest); parsed > 0 && arguments[parsed-1] == "--" {
			return append(operands, rest...), nil
		}
		operands, arguments = append(operands, rest[0]), rest[1:]
	}
}
