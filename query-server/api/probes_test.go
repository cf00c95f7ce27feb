package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/visibility"
)

// A probe asks for a resource, and names what the answer shows.
type probe struct {
	resource visibility.Resource
	path     string
	shown    func(body string) []string // nil: of a path with {}, which stands for each name, what is found is shown
	// Everything there is, with whose it is: name, member, store, retailer, manufacturer. Asked as the owner of the
	// database; a column that does not say whose it is has ''.
	truth string
}

var probes = []probe{
	{visibility.Points, "/v1/points", field("available"),
		`select available::text, loyalty_id, '', '', '' from view.points_balances`},
	{visibility.Points, "/v1/points/entries", items("{points} {ticket.storeId}"),
		`select e.points || ' ' || t.store_id, e.loyalty_id, '', '', '' from view.points_entries e join view.tickets t using (ticket_key)`},
	{visibility.Tickets, "/v1/tickets", items("{transactionId}"),
		`select transaction_id::text, coalesce(loyalty_id, ''), store_id, retailer_id, '' from book.tickets`},
	{visibility.Sales, "/v1/sales?groupBy=product,store,day", items("{itemId} {storeId} {day} {amountNet}"),
		`select item_id || ' ' || store_id || ' ' || business_day || ' ' || sum(amount), '', store_id, retailer_id, manufacturer_id
		 from view.lines group by item_id, store_id, business_day, retailer_id, manufacturer_id`},
	{visibility.Lines, "/v1/sales/lines", items("{itemId} {storeId} {businessDayDate} {amount}"),
		`select item_id || ' ' || store_id || ' ' || business_day || ' ' || amount, '', store_id, retailer_id, manufacturer_id from view.lines`},
	{visibility.Export, "/v1/export", exported,
		`select transaction_id::text, coalesce(loyalty_id, ''), '', '', '' from book.tickets
		 union all select 'entry ' || points, loyalty_id, '', '', '' from view.points_entries
		 union all select loyalty_id || ' ' || coalesce(name, '-'), loyalty_id, '', '', '' from book.customers
		 union all select 'user ' || username, coalesce(loyalty_id, ''), '', '', '' from book.users
		 union all select 'redemption ' || points, loyalty_id, '', '', '' from book.redemptions
		 union all select 'transfer ' || points, from_loyalty_id, '', '', '' from book.transfers`},
	{visibility.Tickets, "/v1/tickets/{}", nil,
		`select transaction_id::text, coalesce(loyalty_id, ''), store_id, retailer_id, '' from book.tickets`},
	{visibility.StoreDays, "/v1/stores/{}/days", nil,
		`select store_id, '', store_id, retailer_id, '' from book.stores`},
	{visibility.Reconciliation, "/v1/reconciliation", field("pointsOutstanding"),
		`select sum(available)::text, '', '', '', '' from view.points_balances`},
	{visibility.Sales, "/v1/sales?groupBy=store&format=csv", csvColumn("storeId"),
		`select distinct store_id, '', store_id, retailer_id, manufacturer_id from view.lines`},
}

// mine reports whether a thing with these owners is the actor's own.
func mine(actor hotstate.Actor, member, store, retailer, manufacturer string) bool {
	switch {
	case actor.Role == hotstate.RoleCustomer:
		return member != "" && member == actor.LoyaltyID
	case actor.Role == hotstate.RoleManufacturer:
		return manufacturer != "" && manufacturer == actor.ManufacturerID
	case actor.Role == hotstate.RoleStore && actor.RetailerID != "":
		return retailer == actor.RetailerID
	case actor.Role == hotstate.RoleStore:
		return slices.Contains(actor.StoreIDs, store)
	}
	return false
}

// field shows one field of an answer.
func field(name string) func(string) []string {
	return func(body string) []string { return []string{render("{"+name+"}", decoded(body))} }
}

// items shows each item of a list by a pattern of its fields.
func items(pattern string) func(string) []string {
	return func(body string) []string {
		list, _ := decoded(body)["items"].([]any)
		var shown []string
		for _, item := range list {
			shown = append(shown, render(pattern, item.(map[string]any)))
		}
		return shown
	}
}

// exported shows all that an export holds.
func exported(body string) []string {
	object := decoded(body)
	customer := object["customer"].(map[string]any)
	if customer["name"] == nil {
		customer["name"] = "-"
	}
	shown := []string{render("{loyaltyId} {name}", customer)}
	for _, list := range []struct {
		of            map[string]any
		name, pattern string
	}{
		{customer, "users", "user {username}"}, {customer, "redemptions", "redemption {points}"}, {customer, "transfers", "transfer {points}"},
		{object, "entries", "entry {points}"}, {object, "tickets", "{transactionId}"},
	} {
		for _, item := range list.of[list.name].([]any) {
			shown = append(shown, render(list.pattern, item.(map[string]any)))
		}
	}
	return shown
}

// csvColumn shows a column whose values hold no comma and no quote once those of the shop's store of trouble are read.
func csvColumn(name string) func(string) []string {
	return func(body string) []string {
		rows := readCSV(body)
		column := slices.Index(rows[0], name)
		values := map[string]bool{}
		for _, row := range rows[1:] {
			values[row[column]] = true
		}
		return slices.Collect(maps.Keys(values))
	}
}

func decoded(body string) map[string]any {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		panic(fmt.Sprintf("%v: %s", err, body))
	}
	return object
}

// render fills {a.b} with the object's fields.
func render(pattern string, object map[string]any) string {
	for {
		begin, end := strings.Index(pattern, "{"), strings.Index(pattern, "}")
		if begin < 0 {
			return pattern
		}
		var value any = object
		for name := range strings.SplitSeq(pattern[begin+1:end], ".") {
			value = value.(map[string]any)[name]
		}
		pattern = pattern[:begin] + fmt.Sprint(value) + pattern[end+1:]
	}
}
