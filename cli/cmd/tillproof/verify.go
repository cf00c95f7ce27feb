package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/proof"
)

const verifyHelp = `Verify a proof bundle. No Tillproof server is asked, and nothing is taken on
trust from the bundle itself.

usage: tillproof verify BUNDLE --offline [OPTIONS]      BUNDLE - is standard input

  --offline            against the log's signed checkpoint that is in the bundle
  --log-key KEY        the key of the log's operator, or the file it is in
                       (TILLPROOF_LOG_KEY)
  --witness-key KEY    the key of the witness, or the file it is in
                       (TILLPROOF_WITNESS_KEY)
  --without-witness    trust the operator alone, for a bundle that no witness
                       has signed

Keys look like name+id+base64. Have them from the organisations themselves, once,
and not from whoever shows you the bundle.
`

func runVerify(_ context.Context, program program, arguments []string) error {
	flags := newFlags("verify")
	offline := flags.Bool("offline", false, "")
	operator := flags.String("log-key", program.logKey, "")
	witness := flags.String("witness-key", program.witnessKey, "")
	alone := flags.Bool("without-witness", false, "")
	operands, err := parse(flags, arguments, verifyHelp, program.stdout)
	if err != nil {
		return err
	}
	if len(operands) != 1 {
		return usagef("want one BUNDLE, got %d", len(operands))
	}
	if !*offline {
		return usagef("say --offline: this version verifies against signed checkpoints only")
	}
	trust, err := readTrust(*operator, *witness, *alone)
	if err != nil {
		return err
	}
	encoded, err := readBundle(operands[0], program.stdin)
	if err != nil {
		return err
	}
	bundle, err := proof.Decode(encoded)
	if err != nil {
		return fmt.Errorf("NOT PROVEN: %w", err)
	}
	verified, err := proof.Verify(bundle, trust)
	if err != nil {
		return fmt.Errorf("NOT PROVEN: %w", err)
	}
	return printVerified(program.stdout, verified)
}

// readTrust reads the keys that are trusted.
func readTrust(operator, witness string, alone bool) (trust proof.Trust, err error) {
	if operator == "" {
		return trust, usagef("no --log-key is given: without it anybody's log would do")
	}
	if trust.Operator, err = readKey("--log-key", operator, checkpoint.Operator); err != nil || alone {
		return trust, err
	}
	if witness == "" {
		return trust, usagef("no --witness-key is given; say --without-witness to trust the operator alone")
	}
	trust.Witness, err = readKey("--witness-key", witness, checkpoint.Witness)
	return trust, err
}

// readKey reads a key from its text, or from a file that holds it.
func readKey(option, given string, algorithm checkpoint.Algorithm) (checkpoint.Key, error) {
	key, err := checkpoint.ParseKey(given)
	if err != nil {
		text, fileErr := os.ReadFile(given)
		if fileErr != nil {
			return checkpoint.Key{}, usagef("%s %.80q is neither a key (%w) nor a file", option, given, err)
		}
		if key, err = checkpoint.ParseKey(string(text)); err != nil {
			return checkpoint.Key{}, usagef("%s %s: %w", option, given, err)
		}
	}
	if key.Algorithm() != algorithm {
		return checkpoint.Key{}, usagef("%s is given a key of the other kind: operator's and witness's are not interchangeable", option)
	}
	return key, nil
}

func readBundle(name string, stdin io.Reader) ([]byte, error) {
	from := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	encoded, err := io.ReadAll(io.LimitReader(from, proof.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return encoded, nil
}

// printVerified says what was checked, what it means, and what is shown.
func printVerified(out io.Writer, verified *proof.Verified) error {
	var text strings.Builder
	text.WriteString("PROVEN\n\n")
	for i, step := range verified.Steps {
		fmt.Fprintf(&text, "%d. %s.\n   %s\n", i+1, step.Checked, step.Means)
	}
	text.WriteString("\nNot proven: that the sale took place (that is the retailer's word), and that it was not\n" +
		"returned later (nobody can prove that nothing is known).\n\nShown:\n")
	shown := verified.Shown.Clone()
	err := shown.Indent(jsontext.WithIndent("  "))
	text.Write(shown)
	text.WriteByte('\n')
	_, printErr := io.WriteString(out, text.String())
	return errors.Join(err, printErr)
}
