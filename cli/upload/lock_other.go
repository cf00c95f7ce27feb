//go:build !unix

package upload

import "errors"

// lockFolder refuses: without a lock that ends with its process, two watches
// could follow one folder.
func lockFolder(string) (release func(), err error) {
	return nil, errors.New("following a folder is not supported on this system; upload the files by a timer instead")
}
