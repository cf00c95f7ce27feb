package simulate

// The rows that register the chain at the collector, as POST
// /v1/registrations/… takes them. Makers are written as they are.

type storeRow struct {
	ID       string `json:"storeId"`
	Name     string `json:"name"`
	TimeZone string `json:"timeZone"`
	Currency string `json:"currencyCode"`
}

type customerRow struct {
	ID string `json:"loyaltyId"`
}

type productRow struct {
	ID          string `json:"itemId"`
	Description string `json:"description"`
	GTIN        string `json:"gtin,omitempty"`
	Maker       string `json:"manufacturerId,omitempty"`
}

func (c *chain) storeRows(out *rows) error {
	for _, store := range c.stores {
		row := storeRow{store.id, store.name, c.countries[store.country].timeZone, "EUR"}
		if err := out.add(row); err != nil {
			return err
		}
	}
	return nil
}

func (c *chain) customerRows(out *rows) error {
	for _, customer := range c.members.customers {
		if err := out.add(customerRow{customer.loyaltyID}); err != nil {
			return err
		}
	}
	return nil
}

func makerRows(out *rows) error {
	for _, maker := range makers {
		if err := out.add(maker); err != nil {
			return err
		}
	}
	return nil
}

func (c *chain) productRows(out *rows) error {
	for _, product := range c.goods.products {
		row := productRow{product.itemID, product.description, product.gtin, product.owner}
		if err := out.add(row); err != nil {
			return err
		}
	}
	return out.add(productRow{ID: depositItem, Description: "Deposit"})
}
