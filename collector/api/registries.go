package api

import (
	"context"
	"net/http"

	"github.com/tillproof/tillproof/collector/registration"
	"github.com/tillproof/tillproof/hotstate"
)

func (s *Server) stores() registry[hotstate.Store] {
	return registry[hotstate.Store]{
		server: s, kind: "stores", idName: "storeId",
		id:    func(row *hotstate.Store) *string { return &row.StoreID },
		check: registration.CheckStore,
		put:   s.Registrations.PutStores,
		get: func(r *http.Request, id string) (hotstate.Store, error) {
			return one(s, r, id, hotstate.StoresByID)
		},
		list: func(r *http.Request, page hotstate.Page) ([]hotstate.Store, error) {
			return hotstate.ListStores(r.Context(), s.Pool, page)
		},
		cursor: func(row hotstate.Store) []string { return []string{row.StoreID} },
	}
}

func (s *Server) manufacturers() registry[hotstate.Manufacturer] {
	return registry[hotstate.Manufacturer]{
		server: s, kind: "manufacturers", idName: "manufacturerId",
		id:    func(row *hotstate.Manufacturer) *string { return &row.ManufacturerID },
		check: registration.CheckManufacturer,
		put:   s.Registrations.PutManufacturers,
		get: func(r *http.Request, id string) (hotstate.Manufacturer, error) {
			return one(s, r, id, hotstate.ManufacturersByID)
		},
		list: func(r *http.Request, page hotstate.Page) ([]hotstate.Manufacturer, error) {
			return hotstate.ListManufacturers(r.Context(), s.Pool, page)
		},
		cursor: func(row hotstate.Manufacturer) []string { return []string{row.ManufacturerID} },
	}
}

func (s *Server) customers() registry[hotstate.Customer] {
	return registry[hotstate.Customer]{
		server: s, kind: "customers", idName: "loyaltyId",
		id:    func(row *hotstate.Customer) *string { return &row.LoyaltyID },
		check: registration.CheckCustomer,
		put:   s.Registrations.PutCustomers,
		get: func(r *http.Request, id string) (hotstate.Customer, error) {
			return one(s, r, id, hotstate.CustomersByID)
		},
		list: func(r *http.Request, page hotstate.Page) ([]hotstate.Customer, error) {
			return hotstate.ListCustomers(r.Context(), s.Pool, page)
		},
		cursor: func(row hotstate.Customer) []string { return []string{row.LoyaltyID} },
	}
}

// products are named by the item id of a retailer: ?retailerId=, or the default one's. A list without it is of all.
func (s *Server) products() registry[hotstate.Product] {
	return registry[hotstate.Product]{
		server: s, kind: "products", idName: "itemId",
		id:    func(row *hotstate.Product) *string { return &row.ItemID },
		check: registration.CheckProduct,
		put:   s.Registrations.PutProducts,
		get: func(r *http.Request, id string) (hotstate.Product, error) {
			retailer := r.URL.Query().Get("retailerId")
			if retailer == "" {
				retailer = registration.DefaultRetailer
			}
			return one(s, r, hotstate.ProductKey{RetailerID: retailer, ItemID: id}, hotstate.ProductsByKey)
		},
		list: func(r *http.Request, page hotstate.Page) ([]hotstate.Product, error) {
			return hotstate.ListProducts(r.Context(), s.Pool, r.URL.Query().Get("retailerId"), page)
		},
		cursor: func(row hotstate.Product) []string { return []string{row.RetailerID, row.ItemID} },
	}
}

// one asks a query of many rows for a single one.
func one[K comparable, R any](s *Server, r *http.Request, key K,
	byKey func(context.Context, hotstate.DB, []K) (map[K]R, error)) (R, error) {
	rows, err := byKey(r.Context(), s.Pool, []K{key})
	row, found := rows[key]
	if err == nil && !found {
		err = hotstate.ErrNotFound
	}
	return row, err
}
