package address_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
)

func TestTablesAreSorted(t *testing.T) {
	for i, b := range address.Special() {
		if b.Prefix != b.Prefix.Masked() || b.Purpose == 0 || b.Name == "" || b.Source == "" {
			t.Errorf("%+v is not complete", b)
		}
		if i > 0 && address.Special()[i-1].Prefix.Compare(b.Prefix) >= 0 {
			t.Errorf("%v is out of order", b.Prefix)
		}
	}
	if !slices.IsSortedFunc(address.MetadataServices(), func(a, b address.Service) int { return a.Address.Compare(b.Address) }) {
		t.Error("the metadata services are not sorted")
	}
}

func TestPurposes(t *testing.T) {
	for text, want := range map[string][2]bool{ // of the internet; of a host elsewhere
		"8.8.8.8": {true, false}, "2606:4700::1": {true, false}, "203.0.113.7": {true, false}, "2620:4f:8000::1": {true, false},
		"10.1.2.3": {false, true}, "100.64.0.1": {false, true}, "127.0.0.1": {false, true}, "169.254.1.1": {false, true}, "fd00::1": {false, true}, "fe80::1": {false, true},
		"0.0.0.0": {}, "192.0.0.8": {}, "198.19.255.255": {}, "224.0.0.1": {}, "240.1.2.3": {}, "255.255.255.255": {}, "::": {},
		"64:ff9b::a00:1": {}, "64:ff9b:1::1": {}, "2001::1": {}, "2001:1ff::1": {}, "2002:a00::1": {}, "100::1": {}, "5f00::1": {}, "fec0::1": {}, "ff02::1": {},
	} {
		a := netip.MustParseAddr(text)
		p := netip.PrefixFrom(a, a.BitLen())
		if got := [2]bool{!address.Within(p, address.NotInternet()), address.Within(p, address.Hosts())}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// TestMetadata holds that every service is refused, and every link-local address.
func TestMetadata(t *testing.T) {
	all := address.Metadata()
	for _, s := range address.MetadataServices() {
		p := netip.PrefixFrom(s.Address, s.Address.BitLen())
		if s.Of == "" || !slices.Contains(all, p) || !address.Within(p, address.Hosts()) && s.Address.String() != "168.63.129.16" {
			t.Errorf("%v is not refused, or an address of the internet", s)
		}
	}
	for _, text := range []string{"169.254.0.0/16", "fe80::/10"} {
		if !slices.Contains(all, netip.MustParsePrefix(text)) {
			t.Errorf("%s is not refused", text)
		}
	}
}
