package simulate

import (
	"fmt"
	"time"
	_ "time/tzdata" // the same offsets on every machine
)

// The countries, as product.prices is indexed.
const (
	germany = iota
	ireland
)

// country is what differs from one to the other. Both have the euro.
type country struct {
	timeZone  string
	location  *time.Location
	rates     [3]int64 // value added tax in basis points, by taxClass
	deposit   int64    // on a bottle or can, in cents
	cashSteps int64    // what a cash total is rounded to, in cents
}

// newCountries loads the zones, which are embedded.
func newCountries() ([2]country, error) {
	countries := [2]country{
		germany: {timeZone: "Europe/Berlin", rates: [3]int64{700, 700, 1900}, deposit: 25, cashSteps: 1},
		ireland: {timeZone: "Europe/Dublin", rates: [3]int64{0, 1350, 2300}, deposit: 15, cashSteps: 5},
	}
	for i := range countries {
		location, err := time.LoadLocation(countries[i].timeZone)
		if err != nil {
			return countries, fmt.Errorf("load time zone: %w", err)
		}
		countries[i].location = location
	}
	return countries, nil
}

// store is one shop of the chain.
type store struct {
	id      string
	name    string
	country int
	late    bool // open past midnight on Fridays and Saturdays
	size    int  // weight of its trade among all stores
	tills   weights
}

var (
	towns = [2][]string{
		germany: {"Leipzig", "Bremen", "Kassel", "Erfurt", "Mainz", "Ulm", "Kiel", "Rostock", "Jena", "Trier", "Bonn", "Fulda"},
		ireland: {"Cork", "Galway", "Sligo", "Athlone", "Kilkenny", "Tralee", "Ennis"},
	}
	sites = []string{"Market Square", "Station", "Old Harbour", "Parkside", "Mill Lane",
		"Castle Hill", "Riverside", "University", "West Gate", "North Bridge", "Orchard Road"}
)

// newStores makes the chain; every fourth of five stores is in Ireland.
func newStores(seed uint64, count, ticketsPerDay int) []store {
	dice := newDice(seed, streamStores)
	stores := make([]store, count)
	var seen [2]int
	for i := range stores {
		made := store{size: dice.between(60, 140)}
		code := "DE"
		if i%5 == 3 {
			made.country, code = ireland, "IE"
		}
		nth := seen[made.country]
		seen[made.country]++
		// The lists' lengths have no common factor, so that the pairs of town
		// and site come round late.
		names, site := towns[made.country], sites[nth%len(sites)]
		made.id = fmt.Sprintf("%s-%03d", code, i+1)
		made.name = names[nth%len(names)] + " " + site
		if round := nth / (len(names) * len(sites)); round > 0 {
			made.name += fmt.Sprintf(" %d", round+1)
		}
		made.late = site == "Station"
		made.tills = newTills(dice, ticketsPerDay*made.size/100/count)
		stores[i] = made
	}
	return stores
}

// newTills has a till for every 250 tickets a day, with a spare one. The first
// tills are open all day, the others when they are needed.
func newTills(dice dice, ticketsPerDay int) weights {
	each := make([]int, min(24, dice.between(2, 3)+ticketsPerDay/250))
	for i := range each {
		each[i] = 100 / (i + 2)
	}
	each[0] = 100
	if len(each) > 12 { // a large store keeps them all busy
		for i := range each {
			each[i] = 100
		}
	}
	return weigh(each...)
}
