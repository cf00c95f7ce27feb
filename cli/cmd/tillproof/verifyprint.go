package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tillproof/tillproof/domain/proof"
)

// printVerified says what was checked, what it means, what is only somebody's word, and what is shown.
func printVerified(out io.Writer, verified *proof.Verified) error {
	var text strings.Builder
	text.WriteString("PROVEN\n\n")
	for i, step := range verified.Steps {
		fmt.Fprintf(&text, "%d. %s.\n   %s\n", i+1, step.Checked, step.Means)
	}
	text.WriteString("\nNot proven, but somebody's word:\n")
	for _, word := range verified.Words {
		fmt.Fprintf(&text, "- %s\n", word)
	}
	text.WriteString("\nShown:\n")
	shown := verified.Shown.Clone()
	err := shown.Indent(jsontext.WithIndent("  "))
	text.Write(shown)
	text.WriteByte('\n')
	_, printErr := io.WriteString(out, text.String())
	return errors.Join(err, printErr)
}

// printReport is the same for programs. The exit code says it, too.
func printReport(out io.Writer, verified *proof.Verified, failed error) error {
	var report proof.Report
	if failed != nil {
		report = proof.NotProven(failed)
	} else {
		report = verified.Report()
	}
	encoded, err := json.Marshal(report, jsontext.WithIndent("  "))
	if err != nil {
		return fmt.Errorf("write the outcome: %w", err)
	}
	if _, err := out.Write(append(encoded, '\n')); err != nil {
		return fmt.Errorf("write the outcome: %w", err)
	}
	if failed != nil {
		return errReported
	}
	return nil
}
