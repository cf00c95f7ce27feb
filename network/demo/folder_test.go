package demo

import (
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name+".ndjson"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPeopleOfAFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "stores", `{"storeId":"S 1"}`+"\n"+`{"storeId":"S 2"}`)
	write(t, dir, "tickets", `{"loyaltyId":"b"}
{"loyaltyId":"c"}
not a ticket

{"loyaltyId":"c"}
{}
{"loyaltyId":"b"}`)

	people, err := Folder(dir).people()
	if err != nil {
		t.Fatal(err)
	}

	if len(people) != 2 {
		t.Fatalf("people are %v, want a customer and a store: there are no manufacturers", people)
	}
	if got := people[0].scope["loyaltyId"]; got != "b" {
		t.Errorf("the customer is %v, want b: as many tickets as c, and first by name", got)
	}
	if got := people[1].scope["storeIds"].([]string); got[0] != "S 1" {
		t.Errorf("the store is %v, want the first row", got)
	}
}

func TestPeopleOfAFolderWithEmptyFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "manufacturers", "")
	write(t, dir, "tickets", "")
	people, err := Folder(dir).people()
	if err != nil || len(people) != 0 {
		t.Errorf("people = %v, %v; want nobody", people, err)
	}
}
