package main

import "testing"

// An external provider is named by its issuer alone, or by its keys; neither may come in the clear over a network.
func TestOpenIDSettings(t *testing.T) {
	for _, test := range []struct {
		issuer, keys string
		good         bool
	}{
		{"https://id.example", "", true},
		{"https://id.example/tenant/", "", true},
		{"http://localhost:9000", "", true},
		{"http://127.0.0.1:9000/a", "", true},
		{"http://id.example", "", false},
		{"https://id.example?tenant=1", "", false},
		{"https://id.example#a", "", false},
		{"accounts.example", "", false},
		{"ftp://id.example", "", false},
		{"accounts.example", "https://id.example/keys", true}, // some providers' issuers are no URLs
		{"accounts.example", "https://id.example/keys?tenant=1", true},
		{"https://id.example", "http://id.example/keys", false},
		{"https://id.example", "keys.json", false},
	} {
		t.Setenv("OPENID_ISSUER", test.issuer)
		t.Setenv("OPENID_KEYS_URL", test.keys)
		config, err := readOpenID()
		if good := err == nil; good != test.good {
			t.Errorf("%q with keys %q: %v", test.issuer, test.keys, err)
		} else if good && (config.Issuer != test.issuer || config.KeySet != test.keys) {
			t.Errorf("%q with keys %q: %+v", test.issuer, test.keys, config)
		}
	}
	t.Setenv("OPENID_ISSUER", "")
	if config, err := readOpenID(); config != nil || err != nil {
		t.Errorf("without a provider: %+v, %v", config, err)
	}
}
