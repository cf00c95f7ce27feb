package simulate

// maker is a manufacturer, as it is registered. Its prefixes lie in GS1's
// range for examples: no company has them.
type maker struct {
	ID       string   `json:"manufacturerId"`
	Name     string   `json:"name"`
	Prefixes []string `json:"gs1Prefixes,omitempty"`
}

// makers are all that take part. The packer at the end has no prefix: it fills
// for others, and its products name it one by one.
var makers = []maker{
	{"albenquell", "Albenquell Dairy", []string{"9520104"}},
	{"tarnweiler", "Tarnweiler Mills", []string{"952021"}},
	{"brumbleigh", "Brumbleigh Biscuits", []string{"95203370"}},
	{"fennimarsh", "Fennimarsh Pantry", []string{"9520441", "9520442"}},
	{"sallowbeck", "Sallowbeck Springs", []string{"952055"}},
	{"hopfenlund", "Hopfenlund Brewery", []string{"9520661"}},
	{"morrowbean", "Morrowbean Roasters", []string{"95207712"}},
	{"winterhaff", "Winterhaff Frozen Goods", []string{"952088"}},
	{"sudsworthy", "Sudsworthy Household", []string{"9520993"}},
	{"pelzbach", "Pelzbach Pet Fare", []string{"95211045"}},
	{"orlavie", "Orlavie Care", []string{"9521152"}},
	{"grindelau", "Grindelau Smokehouse", []string{"952126"}},
	{"nethercombe", "Nethercombe Packers", nil},
}

// Not every product has a maker who takes part.
const (
	ownBrand  = "own"     // the chain's brand, under an in-store number
	counter   = "counter" // weighed and labelled in the store, likewise
	fresh     = "fresh"   // no barcode at all: keyed in
	localFirm = "local"   // a barcode of somebody who does not take part
	packer    = "nethercombe"
)

// localPrefix stands in barcodes that no registered prefix covers.
const localPrefix = "9529990"

func makerPrefixes(id string) []string {
	for _, maker := range makers {
		if maker.ID == id {
			return maker.Prefixes
		}
	}
	return nil
}
