// Package ticket defines the till ticket, version 1.
package ticket
