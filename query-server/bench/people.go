package bench

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tillproof/tillproof/hotstate"
)

// Points is a member's balance, asked for at a rate.
type Points struct {
	Rate    int       `json:"perSecond"`
	Answers Quantiles `json:"answers"`
}

const pointsRate = 1000

// points asks for another member's points each time.
func (s *server) points(ctx context.Context, during time.Duration) (Points, error) {
	questions := make([]question, 2000)
	for i := range questions {
		id := loyaltyID(i * 7 % members)
		bearer, err := s.bearer(id, hotstate.Actor{Role: hotstate.RoleCustomer, LoyaltyID: id})
		if err != nil {
			return Points{}, err
		}
		questions[i] = question{"/v1/points", bearer}
	}
	ask := func(i int) error {
		_, err := s.ask(ctx, questions[i%len(questions)])
		return err
	}
	if _, err := atRate(ctx, pointsRate/2, 2*time.Second, ask); err != nil { // opens connections, here and at the database
		return Points{}, err
	}
	answers, err := atRate(ctx, pointsRate, during, ask)
	return Points{Rate: pointsRate, Answers: answers}, err
}

// Tickets are pages of a hundred, by whose tickets they are.
type Tickets struct {
	Customer    Quantiles `json:"customer"`
	Store       Quantiles `json:"store"`
	FiftyStores Quantiles `json:"fiftyStores"` // as many as a token holds
	HeadOffice  Quantiles `json:"headOffice"`  // all stores of the chain
}

func (s *server) tickets(ctx context.Context, n int) (result Tickets, err error) {
	for _, reader := range []struct {
		actor  func(i int) hotstate.Actor
		result *Quantiles
	}{
		{func(i int) hotstate.Actor {
			return hotstate.Actor{Role: hotstate.RoleCustomer, LoyaltyID: loyaltyID(i * 7 % members)}
		}, &result.Customer},
		{func(i int) hotstate.Actor {
			return hotstate.Actor{Role: hotstate.RoleStore, StoreIDs: storesFrom(i, 1)}
		}, &result.Store},
		{func(i int) hotstate.Actor {
			return hotstate.Actor{Role: hotstate.RoleStore, StoreIDs: storesFrom(i, 50)}
		}, &result.FiftyStores},
		{func(int) hotstate.Actor {
			return hotstate.Actor{Role: hotstate.RoleStore, RetailerID: retailer}
		}, &result.HeadOffice},
	} {
		questions := make([]question, n+warmUp)
		for i := range questions {
			bearer, err := s.bearer("reader-"+strconv.Itoa(i), reader.actor(i))
			if err != nil {
				return result, err
			}
			questions[i] = question{"/v1/tickets", bearer}
		}
		*reader.result, err = oneByOne(n, func(i int) error {
			_, err := s.ask(ctx, questions[i])
			return err
		})
		if err != nil {
			return result, fmt.Errorf("list tickets: %w", err)
		}
	}
	return result, nil
}

func storesFrom(i, n int) []string {
	ids := make([]string, n)
	for j := range ids {
		ids[j] = storeID((i*13 + j) % stores)
	}
	return ids
}
