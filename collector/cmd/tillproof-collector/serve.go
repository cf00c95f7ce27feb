package main

import (
	"context"
	"errors"
	"log/slog"
)

func serve(ctx context.Context, log *slog.Logger, c config) error {
	return errors.New("not served yet")
}
