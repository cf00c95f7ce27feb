package proof_test

import (
	"bytes"
	"compress/gzip"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/proof"
)

// million is the log that is measured, with the place of the ticket in it, and where it was anchored.
const (
	million    = 1_000_000
	place      = 617_283
	anchoredAt = 900_000
)

// BenchmarkProve makes a whole ticket's bundle in a log of a million entries, from tiles at hand.
func BenchmarkProve(b *testing.B) {
	leaves, tree := everything(b, withLines(20))
	log := newLog(b, million, place, tlog.Hash{})
	for b.Loop() {
		made := &proof.Bundle{Checkpoint: "signed", Channel: "tickets", TicketKey: ticketKey, Index: place,
			Path: log.path(place), Ticket: must(tree.Disclose(leaves))}
		must(made.Encode())
	}
}

func BenchmarkVerify(b *testing.B) {
	for name, made := range map[string]*proof.Bundle{
		"log alone":     bundle(b, withLines(20), million, place, whole),
		"with Ethereum": anchoredBundle(b, withLines(20), million, place, anchoredAt, whole),
	} {
		b.Run(name, func(b *testing.B) {
			encoded := must(made.Encode())
			for b.Loop() {
				if err := verify(encoded, trust); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSize is of bundles, as they are and compressed, in a log of a million entries. The anchor's block has 150
// transactions.
func BenchmarkSize(b *testing.B) {
	for _, sized := range []struct{ name, text string }{{"1 line", withLines(1)}, {"20 lines", withLines(20)}, {"200 lines", withLines(200)}} {
		pending := bundle(b, sized.text, million, place, whole)
		anchored := anchoredBundle(b, sized.text, million, place, anchoredAt, whole)
		line := bundle(b, sized.text, million, place, oneLine)
		for _, kind := range []struct {
			name string
			made *proof.Bundle
		}{{"whole", pending}, {"whole, with Ethereum", anchored}, {"one line of it", line}} {
			b.Run(sized.name+", "+kind.name, func(b *testing.B) { reportSize(b, must(kind.made.Encode())) })
		}
	}
}

func reportSize(b *testing.B, encoded []byte) {
	var packed bytes.Buffer
	for b.Loop() {
		packed.Reset()
		w := must(gzip.NewWriterLevel(&packed, gzip.BestCompression))
		w.Write(encoded)
		w.Close()
	}
	b.ReportMetric(float64(len(encoded)), "B")
	b.ReportMetric(float64(packed.Len()), "gzip-B")
	b.ReportMetric(0, "ns/op")
}
