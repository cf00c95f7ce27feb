package ledger

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// The functions of the chaincode take one argument, the JSON of a request, and answer in JSON. RecordTickets and
// SettleUndoes take none: their batch is transient. Identifiers are lower-case hex; holds and transfers may also be
// written as UUIDs in lower case.

// A Status says what a call on points came to. Where it is none of the first five, nothing was written, and there is
// nothing to submit.
type Status string

// The statuses of answers.
const (
	StatusHeld        Status = "held"
	StatusCaptured    Status = "captured"
	StatusReleased    Status = "released"
	StatusTransferred Status = "transferred"
	StatusDone        Status = "done"

	StatusLapsed       Status = "lapsed"       // the hold's time was over and its points went back
	StatusInsufficient Status = "insufficient" // the account has not got the points, or owes some
	StatusUnknown      Status = "unknown"      // there is no such hold
	StatusMismatch     Status = "mismatch"     // the id stands on the ledger with another request
	StatusTooManyHolds Status = "too-many-holds"
	StatusFoldFirst    Status = "fold-first" // more debits than one call takes: FoldAccount, then again
	StatusForgotten    Status = "forgotten"  // the account was erased
	StatusSelf         Status = "self"       // a transfer to the account it is from
)

// Bounds of requests.
const (
	MaxFold       = 500
	MinTTLSeconds = 60
	MaxTTLSeconds = 24 * 60 * 60
)

// HoldRequest is the argument of HoldPoints. Fold names credits that are to be folded into the head first; those that are
// folded already, or do not exist, are passed over.
type HoldRequest struct {
	HoldID     string   `json:"holdId"`
	Account    string   `json:"account"`
	Points     int64    `json:"points"`
	TTLSeconds int64    `json:"ttlSeconds"`
	Fold       []string `json:"fold,omitempty"`
}

// HoldAnswer is what HoldPoints, CaptureHold and ReleaseHold say. A repeated call gets the first answer.
type HoldAnswer struct {
	HoldID    string `json:"holdId"`
	Status    Status `json:"status"`
	Points    int64  `json:"points,omitempty"`    // held, or captured
	ExpiresAt int64  `json:"expiresAt,omitempty"` // seconds since 1970
	Repeated  bool   `json:"repeated,omitempty"`  // nothing was written: there is nothing to submit
}

// CaptureRequest is the argument of CaptureHold. Without points it captures all that is held.
type CaptureRequest struct {
	HoldID string `json:"holdId"`
	Points int64  `json:"points,omitempty"`
}

// ReleaseRequest is the argument of ReleaseHold.
type ReleaseRequest struct {
	HoldID string `json:"holdId"`
}

// TransferRequest is the argument of TransferPoints.
type TransferRequest struct {
	TransferID string   `json:"transferId"`
	From       string   `json:"from"`
	To         string   `json:"to"`
	Points     int64    `json:"points"`
	Fold       []string `json:"fold,omitempty"`
}

// TransferAnswer is what TransferPoints says.
type TransferAnswer struct {
	TransferID string `json:"transferId"`
	Status     Status `json:"status"`
	Points     int64  `json:"points,omitempty"`
	Repeated   bool   `json:"repeated,omitempty"`
}

// FoldRequest is the argument of FoldAccount and of ForgetAccount.
type FoldRequest struct {
	Account string   `json:"account"`
	Fold    []string `json:"fold,omitempty"`
}

// FoldAnswer says what FoldAccount or ForgetAccount did. Where it did nothing there is nothing to submit.
type FoldAnswer struct {
	Status  Status `json:"status"`
	Credits int    `json:"credits"`        // folded
	Debits  int    `json:"debits"`         // folded
	Lapsed  int    `json:"lapsed"`         // holds
	Expired int64  `json:"expired"`        // points
	More    bool   `json:"more,omitempty"` // there are more debits: call again
}

// Rule is a points rule in requests and answers.
type Rule struct {
	Version         uint32 `json:"version,omitempty"` // given by the ledger
	EffectiveFrom   string `json:"effectiveFrom"`
	RateBasisPoints uint32 `json:"rateBasisPoints"`
	Currency        string `json:"currencyCode,omitempty"`
	ValidityMonths  uint16 `json:"validityMonths,omitempty"`
	LateDays        uint16 `json:"lateDays,omitempty"`
	BareLoyaltyID   bool   `json:"bareLoyaltyId,omitempty"`
}

// ProposeRequest is the argument of ProposeProgramme.
type ProposeRequest struct {
	Rule Rule `json:"rule"`
}

// AgreeRequest is the argument of AgreeProgramme and, without digest, of WithdrawProposal.
type AgreeRequest struct {
	Version uint32 `json:"version"`
	Digest  string `json:"digest,omitempty"` // of the rule's bytes
}

// ProposalAnswer is a rule that was proposed, agreed or withdrawn.
type ProposalAnswer struct {
	Status   string `json:"status"` // proposed, agreed, withdrawn
	Proposer string `json:"proposer"`
	Digest   string `json:"digest"`
	Rule     Rule   `json:"rule"`
	Repeated bool   `json:"repeated,omitempty"`
}

// ProgrammeAnswer is what ReadProgramme says.
type ProgrammeAnswer struct {
	Version  uint32          `json:"version"`
	Rules    []Rule          `json:"rules"`
	Proposed *ProposalAnswer `json:"proposed,omitempty"`
}

// RewriteRequest is the argument of RewriteChunk. The slots whose person parts are to be emptied are the transient field
// "slots", one byte each: the block is not to say which tickets were one member's.
type RewriteRequest struct {
	TransactionID string `json:"transactionId"`
	Chunk         uint8  `json:"chunk"`
}

// TransientSlots is the name of the transient field of RewriteChunk.
const TransientSlots = "slots"

// FoldTotalsRequest is the argument of FoldTotals: transactions whose totals are to be added to the base.
type FoldTotalsRequest struct {
	Transactions []string `json:"transactions"`
}

// CreditsBookmark makes ListEntries begin at the credits, which come after the debits.
const CreditsBookmark = "credits:"

// PageRequest is the argument of ListEntries (with account) and of SumAccounts: the first call has no bookmark.
type PageRequest struct {
	Account  string `json:"account,omitempty"`
	Bookmark string `json:"bookmark,omitempty"`
}

// EntryAnswer is one entry of ListEntries.
type EntryAnswer struct {
	ID          string `json:"id"`
	Kind        string `json:"kind"`
	Points      int64  `json:"points"`
	ExpiryMonth string `json:"expiryMonth,omitempty"` // YYYY-MM
}

// EntriesAnswer is what ListEntries says: credits and debits that are not folded.
type EntriesAnswer struct {
	Credits  []EntryAnswer `json:"credits"`
	Debits   []EntryAnswer `json:"debits"`
	Bookmark string        `json:"bookmark,omitempty"` // where the next page begins; empty after the last
}

// AccountAnswer is what ReadAccount says, in points.
type AccountAnswer struct {
	Balance   int64          `json:"balance"`   // all of it, open holds included
	Available int64          `json:"available"` // what can be spent once all credits are folded
	Held      int64          `json:"held"`
	Credits   int64          `json:"credits"` // not yet folded
	Debits    int64          `json:"debits"`  // not yet folded, ≤ 0
	Entries   int            `json:"entries"` // not yet folded
	Debt      int64          `json:"debt"`    // of the head
	Buckets   []BucketAnswer `json:"buckets"` // of the head
	Holds     []string       `json:"holds"`   // open ones
	Revision  uint64         `json:"revision"`
	Forgotten bool           `json:"forgotten,omitempty"`
}

// BucketAnswer is points that expire together.
type BucketAnswer struct {
	Points int64  `json:"points"`
	Month  string `json:"month,omitempty"` // YYYY-MM, good to its end; none: for ever
}

// HoldStateAnswer is what ReadHold says: the hold as it is now.
type HoldStateAnswer struct {
	HoldID    string         `json:"holdId"`
	State     string         `json:"state"` // held, captured, released, lapsed
	Account   string         `json:"account"`
	Points    int64          `json:"points"`
	Captured  int64          `json:"captured"`
	Claimed   int64          `json:"claimed"`
	GivenBack int64          `json:"givenBack"`
	ExpiresAt int64          `json:"expiresAt"`
	Parts     []BucketAnswer `json:"parts"`
}

// TotalsAnswer is what ReadTotals and SumAccounts say, in points.
type TotalsAnswer struct {
	Issued      int64 `json:"issued"`
	Debited     int64 `json:"debited"`
	Held        int64 `json:"held"`
	Redeemed    int64 `json:"redeemed"`
	Expired     int64 `json:"expired"`
	Outstanding int64 `json:"outstanding"`
	Unfolded    int   `json:"unfolded"` // transactions whose totals are not in the base
}

// SumsAnswer is one page of SumAccounts: what the accounts hold. The pages are to be added up.
type SumsAnswer struct {
	Outstanding int64  `json:"outstanding"`
	Held        int64  `json:"held"`
	Entries     int    `json:"entries"` // not yet folded
	Heads       int    `json:"heads"`
	Bookmark    string `json:"bookmark,omitempty"` // where the next page begins; empty after the last
}

// EncodeCall gives the JSON of a request or an answer. Both organisations' chaincodes must give the same bytes, which
// encoding/json does for structs without maps.
func EncodeCall(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", value, err)
	}
	return string(text), nil
}

// Digest tells apart requests under one id. What is to be folded is no part of it: a repeated call may name other credits.
func (r HoldRequest) Digest() [32]byte {
	return digest("tillproof/v1/hold", r.HoldID, r.Account, r.Points, r.TTLSeconds)
}

// Digest tells apart requests under one id.
func (r TransferRequest) Digest() [32]byte {
	return digest("tillproof/v1/transfer-request", r.From, r.To, r.Points, 0)
}

func digest(domain, first, second string, numbers ...int64) [32]byte {
	message := appendFields(nil, domain, withoutDashes(first), withoutDashes(second))
	for _, number := range numbers {
		message = appendInt64(message, number)
	}
	return sha256.Sum256(message)
}
