package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/tillproof/tillproof/collector/conversion"
	"github.com/tillproof/tillproof/collector/programme"
	"github.com/tillproof/tillproof/rates"
)

// newConversions counts amounts in the programme's currency, with the rates of the configuration.
func newConversions(c config, log *slog.Logger, rules *programme.Service) (*conversion.Converter, error) {
	format, err := rates.FormatNamed(c.RatesFormat)
	if err != nil {
		return nil, fmt.Errorf("RATES_FORMAT: %w", err)
	}
	fixed, err := rates.ParseFixed(c.RatesFixed)
	if err != nil {
		return nil, fmt.Errorf("RATES_FIXED: %w", err)
	}
	service, err := rates.New(rates.Config{URL: c.RatesURL, Format: format, Fixed: fixed}, log, time.Now)
	if err != nil {
		return nil, fmt.Errorf("RATES_URL: %w", err)
	}
	return conversion.New(rules, service, time.Now), nil
}
