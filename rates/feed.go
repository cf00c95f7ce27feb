package rates

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxFeedBytes bounds a feed's answer. ECB's daily file has 2 kB.
const maxFeedBytes = 1 << 20

// Format is a kind of answer a feed gives.
type Format struct {
	// Name goes into the record of every rate, so it is at most nine characters.
	Name  string
	parse func([]byte) (*Table, error)
}

// FormatNamed finds a format by the name it is configured by: ecb or coingecko.
func FormatNamed(name string) (Format, error) {
	switch name {
	case "ecb":
		return ECB, nil
	case "coingecko":
		return CoinGecko, nil
	}
	return Format{}, fmt.Errorf("rate feed format %q is not known; there is ecb, coingecko", name)
}

// feed is a server that knows rates.
type feed struct {
	url    string
	format Format
	http   *http.Client
}

func newFeed(address string, format Format) (*feed, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, errors.New("the rate feed's address is not of the form https://host/path")
	}
	if format.parse == nil {
		return nil, errors.New("the rate feed has no format")
	}
	return &feed{url: address, format: format, http: &http.Client{
		// The address that was configured is the one that is trusted.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (f *feed) fetch(ctx context.Context) (*Table, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return nil, errors.New("make request to the rate feed") // the address may hold a key
	}
	response, err := f.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the rate feed: %w", withoutURL(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask the rate feed: it answered %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, maxFeedBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the rate feed: %w", err)
	}
	if len(content) > maxFeedBytes {
		return nil, fmt.Errorf("read the rate feed: it answered more than %d bytes", maxFeedBytes)
	}
	table, err := f.format.parse(content)
	if err != nil {
		return nil, fmt.Errorf("read the rate feed as %s: %w", f.format.Name, err)
	}
	return table, nil
}

// withoutURL leaves the address out of what is logged: it may hold a key.
func withoutURL(err error) error {
	if inURL, ok := errors.AsType[*url.Error](err); ok {
		return inURL.Err
	}
	return err
}
