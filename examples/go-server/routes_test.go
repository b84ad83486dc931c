package main

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRoutes(t *testing.T) {
	known := func(_ context.Context, host string) (Certificate, error) {
		if host != "known.example" {
			return Certificate{}, errors.New("no such host")
		}
		return Certificate{Host: host, DaysLeft: 30}, nil
	}
	server := httptest.NewServer(routes(known))
	defer server.Close()

	cases := []struct {
		path   string
		status int
		body   string
	}{
		{"/healthz", http.StatusOK, "ok"},
		{"/", http.StatusOK, "<title>certwatch</title>"},
		{"/nothing", http.StatusNotFound, "404"},
		{"/api/certificate", http.StatusBadRequest, "say which host"},
		{"/api/certificate?host=known.example", http.StatusOK, `"daysLeft":30`},
		{"/api/certificate?host=unknown.example", http.StatusBadGateway, "no such host"},
	}
	for _, c := range cases {
		response, err := http.Get(server.URL + c.path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != c.status || !strings.Contains(string(body), c.body) {
			t.Errorf("GET %s: got %d %q, want %d with %q", c.path, response.StatusCode, body, c.status, c.body)
		}
	}
}

func TestDescribeCountsWholeDays(t *testing.T) {
	now := time.Date(2024, 2, 1, 12, 0, 0, 0, time.UTC)
	leaf := &x509.Certificate{
		Subject:  pkix.Name{CommonName: "known.example"},
		Issuer:   pkix.Name{CommonName: "Some CA"},
		NotAfter: now.Add(10*24*time.Hour + time.Hour),
	}
	got := describe("known.example", leaf, now)
	if got.DaysLeft != 10 || got.Issuer != "Some CA" {
		t.Errorf("got %+v", got)
	}
}
