package control

import (
	"fmt"
	"strconv"
	"strings"
)

// Show gives a value as an author would write it.
func (c *Control) Show(v Value) string {
	switch c.Type {
	case Bool:
		return strconv.FormatBool(v.Bool)
	case Set:
		quoted := make([]string, len(v.Items))
		for i, it := range v.Items {
			quoted[i] = strconv.Quote(it.Key)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case Map:
		if len(v.Items) == 0 {
			return "{}"
		}
		pairs := make([]string, len(v.Items))
		for i, it := range v.Items {
			pairs[i] = fmt.Sprintf("%q = %q", it.Key, it.Arg)
		}
		return "{ " + strings.Join(pairs, ", ") + " }"
	case Blocks:
		if len(v.Items) == 0 {
			return "none"
		}
		labels := make([]string, len(v.Items))
		for i, it := range v.Items {
			labels[i] = strconv.Quote(it.Key)
			if c.Block.Show != nil {
				labels[i] += c.Block.Show(it)
			}
		}
		return strings.Join(labels, ", ")
	}
	switch {
	case v.Text == "":
		return "unset"
	case c.Type == Count:
		return v.Text
	}
	return strconv.Quote(v.Text)
}

// Brief is Show for messages: of a long list it gives the beginning.
func (c *Control) Brief(v Value) string {
	const most = 10
	if len(v.Items) <= most {
		return c.Show(v)
	}
	return fmt.Sprintf("%s and %d more", c.Show(Value{Items: v.Items[:most]}), len(v.Items)-most)
}
