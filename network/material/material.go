package material

import (
	"bytes"
	"context"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/tillproof/tillproof/network/durable"
)

//go:embed cryptogen.yaml
var cryptogenConfig []byte

// Ensure makes what is missing in dir, with the cryptogen program given.
func Ensure(ctx context.Context, dir Directory, cryptogen string) error {
	if err := ensureAuthorities(ctx, dir, cryptogen); err != nil {
		return fmt.Errorf("make crypto material: %w", err)
	}
	if err := ensureIssued(dir); err != nil {
		return fmt.Errorf("issue certificates: %w", err)
	}
	return nil
}

// ensureAuthorities runs cryptogen into a folder of another name, so that what
// an interruption leaves half made is never taken for the real thing.
func ensureAuthorities(ctx context.Context, dir Directory, cryptogen string) error {
	if done, err := exists(string(dir)); done || err != nil {
		return err
	}
	unfinished, err := durable.Folder(string(dir))
	if err != nil {
		return err
	}
	config := filepath.Join(unfinished, "cryptogen.yaml")
	if err := os.WriteFile(config, cryptogenConfig, 0o600); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, cryptogen, "generate", "--config", config, "--output", unfinished)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("cryptogen: %w: %s", err, bytes.TrimSpace(output))
	}
	if err := closeToOthers(unfinished); err != nil {
		return err
	}
	return durable.Move(unfinished, string(dir))
}

// closeToOthers takes from everybody but the owner what cryptogen gave them.
func closeToOthers(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
}

func ensureIssued(dir Directory) error {
	for _, client := range clients {
		template, err := clientCertificate(client)
		if err != nil {
			return err
		}
		if err := ensurePair(dir.client(client), dir.authority(client.Organisation), template); err != nil {
			return err
		}
	}
	for _, o := range []Organisation{Retail, Brands} {
		server := tlsCertificate("chaincode."+o.Domain, x509.ExtKeyUsageServerAuth)
		if err := ensurePair(filepath.Join(dir.chaincode(o), "server"), dir.tlsAuthority(o), server); err != nil {
			return err
		}
		client := tlsCertificate("peer."+o.Domain, x509.ExtKeyUsageClientAuth)
		if err := ensurePair(filepath.Join(dir.chaincode(o), "client"), dir.tlsAuthority(o), client); err != nil {
			return err
		}
	}
	return nil
}

func ensurePair(dir string, authority KeyPair, template *x509.Certificate) error {
	if done, err := exists(dir); done || err != nil {
		return err
	}
	issuer, err := loadIssuer(authority)
	if err != nil {
		return err
	}
	if err := issuer.issue(dir, template); err != nil {
		return fmt.Errorf("%s: %w", template.Subject.CommonName, err)
	}
	return nil
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
