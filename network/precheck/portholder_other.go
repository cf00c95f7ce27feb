//go:build !linux

package precheck

// portHolder cannot be known here without tools that may not be installed.
func portHolder(int) string { return "" }
