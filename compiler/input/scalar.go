package input

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// resolve gives a plain scalar the type that sigs.k8s.io/yaml gives it, which reads YAML 1.1 as go-yaml v2 does: its
// booleans include y, yes and on, 0644 is octal, 1_000 is a number. A timestamp stays the text that it is. Infinite
// numbers and NaN resolve to Invalid, because JSON has none.
func resolve(text string) (Kind, string) {
	if text == "" {
		return Null, ""
	}
	switch c := text[0]; {
	case strings.IndexByte("yYnNtTfFoO~", c) >= 0:
		return resolveWord(text)
	case c == '.':
		return resolveFloat(text, text)
	case c == '+', c == '-', c >= '0' && c <= '9':
		return resolveNumber(text)
	}
	return String, text
}

func resolveWord(text string) (Kind, string) {
	switch text {
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return Bool, "true"
	case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return Bool, "false"
	case "~", "null", "Null", "NULL":
		return Null, ""
	}
	return String, text
}

// yamlFloat is the form in which go-yaml accepts a float that begins with a sign or a digit.
var yamlFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

func resolveNumber(text string) (Kind, string) {
	if looksLikeDate(text) {
		return String, text
	}
	if infinite(text[1:]) && (text[0] == '+' || text[0] == '-') {
		return Invalid, text
	}
	plain := strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return Number, strconv.FormatInt(i, 10)
	}
	if u, err := strconv.ParseUint(plain, 0, 64); err == nil {
		return Number, strconv.FormatUint(u, 10)
	}
	if yamlFloat.MatchString(plain) {
		return resolveFloat(plain, text)
	}
	// go-yaml also takes a second sign here.
	if digits, ok := strings.CutPrefix(plain, "0b"); ok {
		if i, err := strconv.ParseInt(digits, 2, 64); err == nil {
			return Number, strconv.FormatInt(i, 10)
		}
	} else if digits, ok := strings.CutPrefix(plain, "-0b"); ok {
		if i, err := strconv.ParseInt("-"+digits, 2, 64); err == nil {
			return Number, strconv.FormatInt(i, 10)
		}
	}
	return String, text
}

func resolveFloat(plain, text string) (Kind, string) {
	if infinite(text) || text == ".nan" || text == ".NaN" || text == ".NAN" {
		return Invalid, text
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil {
		return String, text
	}
	return Number, formatFloat(f)
}

func infinite(text string) bool { return text == ".inf" || text == ".Inf" || text == ".INF" }

// formatFloat writes a finite number as encoding/json does.
func formatFloat(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	b, err := json.Marshal(f)
	if err != nil {
		panic("a parsed number is finite: " + err.Error())
	}
	return string(b)
}

// looksLikeDate reports what go-yaml v2 may take for a timestamp: four digits and a dash. None of its numbers looks so.
func looksLikeDate(text string) bool {
	if len(text) < 5 || text[4] != '-' {
		return false
	}
	for i := range 4 {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// resolveTagged gives a scalar the type that its tag demands. A tag that YAML does not define leaves the text, as
// sigs.k8s.io/yaml does. ok is false where the text is not of the tag's type, or the type is not JSON's.
func resolveTagged(tag, text string) (kind Kind, value string, ok bool) {
	switch tag {
	case "!!str", "!!timestamp":
		return String, text, true
	case "!!binary":
		return Invalid, text, false
	}
	kind, value = resolve(text)
	switch tag {
	case "!!bool":
		return kind, value, kind == Bool
	case "!!null":
		return kind, value, kind == Null
	case "!!int":
		return kind, value, kind == Number && !strings.ContainsAny(value, ".eE")
	case "!!float":
		return kind, value, kind == Number
	}
	return String, text, true
}

// keyText is the name that a scalar has as a mapping's key, as sigs.k8s.io/yaml writes it: `yes:` is "true", `0x10:`
// is "16", `1e7:` is "1e+07". text is as it stands in the document. A null has none, nor has an integer above 2^63.
func keyText(kind Kind, value, text string) (string, bool) {
	switch kind {
	case String, Bool:
		return value, true
	case Number:
		plain := strings.ReplaceAll(text, "_", "")
		if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
			return strconv.FormatInt(i, 10), true
		}
		if _, err := strconv.ParseUint(plain, 0, 64); err == nil {
			return "", false
		}
		f, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return "", false
		}
		switch s := strconv.FormatFloat(f, 'g', -1, 32); s {
		case "+Inf":
			return ".inf", true
		case "-Inf":
			return "-.inf", true
		default:
			return s, true
		}
	}
	return "", false
}
