package check

import (
	"slices"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

func TestClosestNamespaces(t *testing.T) {
	p := &policy.Policy{Namespaces: []control.Item{{Key: "payments"}, {Key: "shop"}, {Key: "till-1"}, {Key: "dev"}, {Key: "zone-b"}}}
	for _, test := range []struct {
		stated string
		want   []string
	}{
		{"paymnets", []string{"payments"}},
		{"payment", []string{"payments"}},
		{"paymentss", []string{"payments"}},
		{"paynents", []string{"payments"}},
		{"paymets", []string{"payments"}},
		{"shpo", []string{"shop"}},
		{"shops", []string{"shop"}},
		{"stop", nil}, // a word of its own
		{"pyments-dev", nil},
		{"payments-dev", nil},
		{"payments1", nil},
		{"till-2", nil},
		{"till-11", nil},
		{"til-1", []string{"till-1"}},
		{"den", nil}, // too short to tell
		{"zone-a", nil},
		{"zone-bb", []string{"zone-b"}},
		{"default", []string{"dev", "payments", "shop", "till-1", "zone-b"}},
		{"elsewhere", nil},
	} {
		if got := closestNamespaces(p, test.stated); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.stated, got, test.want)
		}
	}
}
