package eterticket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// document is a file as it stands.
type document struct {
	key      string
	header   header
	lines    []line
	payments []payment
}

type header struct {
	Date     text `json:"fv"`
	Start    text `json:"hiv"`
	End      text `json:"hfv"`
	Store    text `json:"td"`
	Till     text `json:"nc"`
	Folio    text `json:"fl"`
	Seller   text `json:"vr"`
	Total    text `json:"im"`
	Customer text `json:"ncj"`
}

// key is what the key line must be.
func (h header) key() string {
	return strings.Join([]string{string(h.Store), string(h.Till), string(h.Folio), string(h.Customer), string(h.Date)}, "-")
}

type line struct {
	Barcode     text `json:"cb"`
	Description text `json:"ds"`
	Quantity    text `json:"cn"`
	UnitPrice   text `json:"pi"`
	VATPercent  text `json:"ti"`
	Total       text `json:"pt"`
}

type payment struct {
	Kind      text `json:"cp"`
	OtherKind text `json:"xp"`
}

func (p payment) kind() string {
	if p.Kind != "" {
		return string(p.Kind)
	}
	return string(p.OtherKind)
}

// text is a value that some writers put between quotation marks and some do
// not. A number keeps the digits it is written with.
type text string

func (t *text) UnmarshalJSON(value []byte) error {
	var plain string
	if value[0] == '"' {
		if err := json.Unmarshal(value, &plain); err != nil {
			return err
		}
	} else if !bytes.Equal(value, []byte("null")) {
		var number json.Number
		if err := json.Unmarshal(value, &number); err != nil {
			return errors.New("a text or a number is due")
		}
		plain = number.String()
	}
	*t = text(strings.TrimSpace(plain))
	return nil
}

func readDocument(content []byte) (*document, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) {
		return nil, errors.New("the file is not UTF-8; convert it, for example by `iconv -f WINDOWS-1252 -t UTF-8`")
	}
	key, rest, found := bytes.Cut(bytes.TrimLeft(content, " \t\r\n"), []byte("\n"))
	if !found || bytes.ContainsAny(key, "{[") {
		return nil, errors.New("the first line must be the key, store-till-folio-customer-date, and JSON follow it")
	}
	d := &document{key: string(bytes.TrimSpace(key))}
	parts := json.NewDecoder(bytes.NewReader(rest))
	for _, part := range []struct {
		name string
		into any
	}{{"header", &d.header}, {"lines", &d.lines}, {"payments", &d.payments}} {
		if err := parts.Decode(part.into); err == io.EOF {
			return nil, fmt.Errorf("%s: missing; three JSON documents follow the key: header, lines, payments", part.name)
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if _, err := parts.Token(); err != io.EOF {
		return nil, errors.New("something follows the payments; a file holds a single sale")
	}
	if d.key != d.header.key() {
		return nil, fmt.Errorf("the key is %q and the header says %q; one of them belongs to another sale", d.key, d.header.key())
	}
	return d, nil
}
