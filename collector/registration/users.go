package registration

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/password"
)

// User is a user as registered: a role, with just the id or ids that the role needs. They need not be registered yet.
type User struct {
	Username       string   `json:"username"`
	Role           string   `json:"role"`
	Password       string   `json:"password,omitempty"`
	StoreIDs       []string `json:"storeIds,omitempty"`
	RetailerID     string   `json:"retailerId,omitempty"`
	ManufacturerID string   `json:"manufacturerId,omitempty"`
	LoyaltyID      string   `json:"loyaltyId,omitempty"`
}

// CheckUser says what is wrong with a user.
func CheckUser(user *User) *problem.Problem {
	var c checker
	c.id("/username", user.Username)
	if err := password.Check(user.Password); err != nil {
		c.refuse("/password", "password", "%s", err)
	}
	c.roleIDs(user)
	return c.problem()
}

func (c *checker) roleIDs(user *User) {
	ids := map[string]bool{
		"storeIds":       len(user.StoreIDs) > 0,
		"retailerId":     user.RetailerID != "",
		"manufacturerId": user.ManufacturerID != "",
		"loyaltyId":      user.LoyaltyID != "",
	}
	needed, known := map[string]string{
		auth.Customer: "loyaltyId", auth.Store: "storeIds", auth.Manufacturer: "manufacturerId",
		auth.Auditor: "", auth.Admin: "",
	}[user.Role]
	if !known {
		c.refuse("/role", "enum", "is none of customer, store, manufacturer, auditor, admin")
		return
	}
	if user.Role == auth.Store && ids["retailerId"] && !ids["storeIds"] {
		needed = "retailerId" // a chain's head office
	}
	if needed != "" && !ids[needed] {
		c.refuse("/"+needed, "required", "a user of role %s needs it", user.Role)
	}
	for _, id := range []string{"storeIds", "retailerId", "manufacturerId", "loyaltyId"} {
		if ids[id] && id != needed {
			c.refuse("/"+id, "not-of-role", "a user of role %s has none", user.Role)
		}
	}
	c.optionalID("/retailerId", user.RetailerID)
	c.optionalID("/manufacturerId", user.ManufacturerID)
	c.optionalID("/loyaltyId", user.LoyaltyID)
	if len(user.StoreIDs) > auth.MaxStoreIDs {
		c.refuse("/storeIds", "max-items", "has more than %d stores; give a head office its retailerId", auth.MaxStoreIDs)
		return
	}
	for i, id := range user.StoreIDs {
		c.id(fmt.Sprintf("/storeIds/%d", i), id)
	}
}

// PutUser registers a checked user. The same again changes nothing, so that it does not end the user's sessions.
func (s *Service) PutUser(ctx context.Context, user User) (change Change, err error) {
	err = s.inOrder(ctx, "user", func(tx pgx.Tx) error {
		before, err := hotstate.UserByName(ctx, tx, user.Username)
		switch {
		case errors.Is(err, hotstate.ErrNotFound):
			change = Created
		case err != nil:
			return err
		case sameUser(before, user):
			change = Unchanged
			return nil
		default:
			change = Changed
		}
		return hotstate.UpsertUser(ctx, tx, hotstate.User{
			Username: user.Username, Role: user.Role, PasswordHash: password.Hash(user.Password), StoreIDs: user.StoreIDs,
			RetailerID: user.RetailerID, ManufacturerID: user.ManufacturerID, LoyaltyID: user.LoyaltyID,
		})
	})
	return change, err
}

func sameUser(before hotstate.User, user User) bool {
	samePassword, err := password.Verify(before.PasswordHash, user.Password)
	return err == nil && samePassword && before.Role == user.Role && slices.Equal(before.StoreIDs, user.StoreIDs) &&
		before.RetailerID == user.RetailerID && before.ManufacturerID == user.ManufacturerID &&
		before.LoyaltyID == user.LoyaltyID
}
