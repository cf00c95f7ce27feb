package api_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

var northDays = "/v1/stores/" + url.PathEscape(hotstatetest.TroubleStore) + "/days"

func TestStoreDays(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	type days struct {
		Items    []map[string]any
		From, To *string
	}
	lines := func(user, path string) string {
		answer := decode[days](t, s.get(user, path))
		var text []string
		for _, d := range answer.Items {
			text = append(text, render("{day} {recorded}+{accepted}+{rejected} {firstSequenceNumber}-{lastSequenceNumber} {missingNumbers}{gaps} {totals} {pointsAwarded}-{pointsTakenBack} {redemptions}:{pointsRedeemed}", d))
		}
		return strings.Join(text, "\n")
	}
	eur := func(sold, returned, net, tickets int) string {
		return fmt.Sprintf("[map[amountNet:%d amountReturned:%d amountSold:%d currencyCode:EUR tickets:%d]]", net, returned, sold, tickets)
	}
	all := "2024-02-11 0+1+1 4-5 0[] [] 0-0 0:0\n" + // one on its way, one rejected
		"2024-02-10 1+0+0 3-3 0[] " + eur(90, 0, 90, 1) + " 0-0 0:0\n" +
		"2024-01-31 1+0+0 2-2 0[] " + eur(300, 0, 300, 1) + " 3-0 0:0\n" +
		"2024-01-15 1+0+0 1-1 0[] " + eur(650, 0, 650, 1) + " 6-0 1:50"
	for _, user := range []string{"north", "chain", "admin"} {
		if got := lines(user, northDays+"?from=2024-01-01"); got != all {
			t.Errorf("%s reads\n%s\nwant\n%s", user, got, all)
		}
	}
	if got := lines("north", northDays+"?to=2024-02-15"); got != strings.Join(strings.Split(all, "\n")[:3], "\n") {
		t.Errorf("31 days are\n%s", got)
	}
	if answer := decode[days](t, s.get("north", northDays)); *answer.From != "2024-01-12" || *answer.To != "2024-02-11" || len(answer.Items) != 4 {
		t.Errorf("the last 31 days are %s to %s, %v", *answer.From, *answer.To, answer.Items)
	}

	// Two of today's numbers were never sent, and two between the days.
	exec := func(sql string) {
		t.Helper()
		if _, err := s.db.Owner.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`update view.tickets set sequence_number = 8 where transaction_id = '00000000-0000-4000-8000-000000000005';
	      update book.tickets set sequence_number = 8 where transaction_id = '00000000-0000-4000-8000-000000000005';
	      update book.tickets set sequence_number = 11 where transaction_id = '00000000-0000-4000-8000-000000000006';
	      update book.tickets set sequence_number = 14 where transaction_id = '00000000-0000-4000-8000-000000000007'`)
	want := "2024-02-11 0+1+1 11-14 4[map[from:9 to:10] map[from:12 to:13]] [] 0-0 0:0\n2024-02-10 1+0+0 8-8 5[map[from:3 to:7]] " + eur(90, 0, 90, 1) + " 0-0 0:0"
	if got := lines("north", northDays+"?from=2024-02-01"); got != want {
		t.Errorf("with gaps\n%s\nwant\n%s", got, want)
	}
	if got := s.get("auditor", "/v1/reconciliation"); !strings.Contains(got.body, `"gaps":2`) {
		t.Errorf("gaps within days: %s", got.body)
	}
	// A till that begins again at 1 has no gap.
	exec(`update view.tickets set sequence_number = 1 where transaction_id = '00000000-0000-4000-8000-000000000005'`)
	if got := lines("north", northDays+"?from=2024-02-10&to=2024-02-10"); !strings.Contains(got, " 1-1 0[]") {
		t.Errorf("after a reset\n%s", got)
	}
}

// What a store captured by itself is nobody's till, and shows on a day without tickets too.
func TestRedemptionsWithoutATicket(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	for _, user := range []string{"chain", "admin"} {
		got := s.get(user, "/v1/stores/S2/days?from=2024-02-01&to=2024-02-28")
		lines := items("{day} {workstationId} {recorded}+{accepted} {firstSequenceNumber} {gaps}{totals} {redemptions}:{pointsRedeemed}")(got.body)
		want := "2024-02-11 till 1 0+1 2 [][] 0:0\n2024-02-05 <nil> 0+0 <nil> [][] 2:30\n" +
			"2024-02-01 till 1 1+0 1 [][map[amountNet:-200 amountReturned:200 amountSold:0 currencyCode:EUR tickets:1]] 0:0"
		if strings.Join(lines, "\n") != want {
			t.Errorf("%s reads\n%s\nwant\n%s", user, strings.Join(lines, "\n"), want)
		}
	}
	one := s.get("chain", "/v1/stores/S2/days?from=2024-02-01&to=2024-02-28&limit=1")
	next := decode[struct{ NextCursor string }](t, one).NextCursor
	if rest := items("{day}")(s.get("chain", "/v1/stores/S2/days?from=2024-02-01&to=2024-02-28&cursor="+next).body); strings.Join(rest, " ") != "2024-02-05 2024-02-01" {
		t.Errorf("the second page has %v", rest)
	}
}

func TestStoreDaysPages(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	type list struct {
		Items      []struct{ Day string }
		NextCursor *string
	}
	var days []string
	path := northDays + "?from=2024-01-01&limit=1"
	for cursor := ""; ; {
		page := decode[list](t, s.get("north", path+cursor))
		for _, d := range page.Items {
			days = append(days, d.Day)
		}
		if page.NextCursor == nil || len(days) > 9 {
			break
		}
		cursor = "&cursor=" + *page.NextCursor
	}
	if got := strings.Join(days, " "); got != "2024-02-11 2024-02-10 2024-01-31 2024-01-15" {
		t.Errorf("page by page: %s", got)
	}
}

func TestStoreDaysOfOwnStoresOnly(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	own := map[string]string{"north": "N", "elsewhere": "X", "chain": "NS", "admin": "NSX"}
	for user, letters := range own {
		for letter, id := range map[string]string{"N": hotstatetest.TroubleStore, "S": "S2", "X": "X1", "none": "S9"} {
			want := 404
			if strings.Contains(letters, letter) {
				want = 200
			}
			if got := s.get(user, "/v1/stores/"+url.PathEscape(id)+"/days"); got.StatusCode != want {
				t.Errorf("%s asks for %s: %d", user, id, got.StatusCode)
			}
		}
	}
	for query, status := range map[string]int{"from=2020-01-01&to=2024-01-01": 400, "from=x": 400, "limit=0": 400, "cursor=x": 400, "storeId=X1": 400, "from=2023-01-01&to=2024-01-01": 200} {
		if got := s.get("north", northDays+"?"+query); got.StatusCode != status {
			t.Errorf("%s: %d %s", query, got.StatusCode, got.body)
		}
	}
}
