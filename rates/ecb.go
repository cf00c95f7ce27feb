package rates

import (
	"encoding/xml"
	"errors"
	"fmt"
	"time"

	"github.com/tillproof/tillproof/domain/money"
)

// ECB reads the euro foreign exchange reference rates of the European Central
// Bank (eurofxref-daily.xml), one EUR in other currencies, set on working days:
//
//	<gesmes:Envelope …>
//	  <Cube><Cube time="2026-11-19"><Cube currency="USD" rate="1.0823"/>…</Cube></Cube>
//	</gesmes:Envelope>
var ECB = Format{Name: "ECB", parse: parseECB}

func parseECB(content []byte) (*Table, error) {
	var envelope struct {
		XMLName xml.Name `xml:"Envelope"`
		Days    []struct {
			Time  string `xml:"time,attr"`
			Rates []struct {
				Currency string `xml:"currency,attr"`
				Rate     string `xml:"rate,attr"`
			} `xml:"Cube"`
		} `xml:"Cube>Cube"`
	}
	if err := xml.Unmarshal(content, &envelope); err != nil {
		return nil, err
	}
	if len(envelope.Days) != 1 {
		return nil, fmt.Errorf("it has %d days, and the daily file has one", len(envelope.Days))
	}
	day := envelope.Days[0]
	at, err := time.Parse(time.DateOnly, day.Time)
	if err != nil {
		return nil, fmt.Errorf("its day %.20q is not of the form YYYY-MM-DD", day.Time)
	}
	table := &Table{Base: "EUR", At: at, Units: map[string]int64{}}
	for _, rate := range day.Rates {
		if table.Units[rate.Currency], err = money.ParseBillionths(rate.Rate); err != nil {
			return nil, fmt.Errorf("%.10q: %w", rate.Currency, err)
		}
	}
	if len(table.Units) == 0 {
		return nil, errors.New("it has no rates")
	}
	return table, nil
}
