package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"
)

// Certificate is what we tell about a host's certificate.
type Certificate struct {
	Host     string    `json:"host"`
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"notAfter"`
	DaysLeft int       `json:"daysLeft"`
}

// fetchCertificate makes a TLS connection to host (port 443 unless it names one). The chain is verified against
// the CA bundle of the image.
func fetchCertificate(ctx context.Context, host string) (Certificate, error) {
	address := host
	if _, _, err := net.SplitHostPort(host); err != nil {
		address = net.JoinHostPort(host, "443")
	}
	connection, err := new(tls.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return Certificate{}, err
	}
	defer connection.Close()
	secure, ok := connection.(*tls.Conn)
	if !ok || len(secure.ConnectionState().PeerCertificates) == 0 {
		return Certificate{}, errors.New("the server showed no certificate")
	}
	return describe(host, secure.ConnectionState().PeerCertificates[0], time.Now()), nil
}

func describe(host string, leaf *x509.Certificate, now time.Time) Certificate {
	return Certificate{
		Host:     host,
		Subject:  leaf.Subject.CommonName,
		Issuer:   leaf.Issuer.CommonName,
		NotAfter: leaf.NotAfter.UTC(),
		DaysLeft: int(leaf.NotAfter.Sub(now).Hours() / 24),
	}
}
