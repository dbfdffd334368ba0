package podrule

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// An amount is what resource.ParseQuantity takes: a sign, digits with or without a point, and a unit or an exponent. Texts
// without a digit, which it takes for 0, and exponents of more than two digits are no amounts here.
const (
	number10 = `[0-9]+(?:[.][0-9]*)?|[.][0-9]+`
	unit     = `|[numkMGTPE]|[KMGTPE]i|[eE][+-]?0*[0-9]{1,2}`
)

var amountForm = regexp.MustCompile(`^[+-]?(?:` + number10 + `)(?:` + unit + `)$`)

// ParseAmount reads an amount, in bounded time.
func ParseAmount(text string) (resource.Quantity, error) {
	if !amountForm.MatchString(text) {
		return resource.Quantity{}, resource.ErrFormatWrong
	}
	return resource.ParseQuantity(text)
}

// units are those of amounts in order, each with a factor and a power of ten.
var units = []struct {
	name   string
	factor int64
	power  int
}{
	{"", 1, 0}, {"n", 1, -9}, {"u", 1, -6}, {"m", 1, -3}, {"k", 1, 3}, {"M", 1, 6}, {"G", 1, 9}, {"T", 1, 12}, {"P", 1, 15}, {"E", 1, 18},
	{"Ki", 1 << 10, 0}, {"Mi", 1 << 20, 0}, {"Gi", 1 << 30, 0}, {"Ti", 1 << 40, 0}, {"Pi", 1 << 50, 0}, {"Ei", 1 << 60, 0},
}

// regoAmounts prints what the Rego prelude knows of amounts: their form, in groups, and their units.
func regoAmounts() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The form of amounts: a sign, digits before and behind the point, a unit, or the sign and digits of an exponent.\namount_form := `^([+-]?)(?:([0-9]+)(?:[.]([0-9]*))?|[.]([0-9]+))(?:(|[numkMGTPE]|[KMGTPE]i)|[eE]([+-]?)0*([0-9]{1,2}))$`\n\n")
	b.WriteString("# Units with a factor and a power of ten.\namount_units := {\n")
	for _, u := range units {
		fmt.Fprintf(&b, "\t%s: [%d, %d],\n", RegoString(u.name), u.factor, u.power)
	}
	b.WriteString("}\n\n")
	return b.String()
}

// TerraformAmounts prints the locals by which the module reads amounts that are not negative, laid out as `terraform fmt`
// would: their form as a number and a unit, and what units stand for.
func TerraformAmounts(indent string) string {
	var exponents, multipliers []string
	for _, u := range units {
		exponent, name := "", u.name
		if name == "" {
			name = `""`
		}
		if u.power != 0 {
			exponent = fmt.Sprint("e", u.power)
		}
		exponents = append(exponents, fmt.Sprintf("%s = %q", name, exponent))
		if u.factor != 1 {
			multipliers = append(multipliers, fmt.Sprintf("%s = %d", name, u.factor))
		}
	}
	return fmt.Sprintf("%[1]squantity    = %[2]s\n%[1]sexponents   = { %[3]s }\n%[1]smultipliers = { %[4]s }\n", indent,
		HCLString(`^[+]?(`+number10+`)(`+unit+`)$`), strings.Join(exponents, ", "), strings.Join(multipliers, ", "))
}

// Billionths writes an amount of Kubernetes as a whole number of billionths, so that 500m and 0.5 are the same. It panics on
// what is no amount: policies are checked when they are read.
func Billionths(amount string) string {
	q := parseAmount(amount)
	d := q.AsDec()
	n := new(big.Int).Set(d.UnscaledBig())
	if shift := int64(9) - int64(d.Scale()); shift >= 0 {
		return n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(shift), nil)).String()
	}
	return n.Div(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale())-9), nil)).String()
}

// Decimal writes an amount of Kubernetes as a plain number, exactly. It panics on what is no amount.
func Decimal(amount string) string { q := parseAmount(amount); return q.AsDec().String() }

func parseAmount(amount string) resource.Quantity {
	q, err := ParseAmount(amount)
	if err != nil {
		panic(fmt.Sprintf("podrule: a resolved policy holds only valid amounts: %q: %v", amount, err))
	}
	return q
}
