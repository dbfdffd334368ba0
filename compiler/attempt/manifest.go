package attempt

import "github.com/bulkhead-policy/bulkhead/compiler/input"

// KindManifest is the admission of Kubernetes objects.
const KindManifest Kind = "manifest"

// Manifest is a document with a Kubernetes object, or with a List of them, that is
// to be admitted.
type Manifest struct {
	Document *input.Document `attempt:"file,required,key" doc:"the file, relative to the policy's folder"`
	// Namespace is that of objects which name none.
	Namespace string
}

var manifest = define[Manifest](Schema{
	Title: "a Kubernetes manifest that is to be admitted", Key: "manifest", Subject: ByItself, Outcomes: prevented,
	Examples: []string{`{"manifest":"deploy.yaml"}`, `{"manifest":{"apiVersion":"v1","kind":"Pod","spec":{}}}`},
	source:   &source{claims: isObject, attempt: manifestOf, open: openManifests},
})

// Kind is KindManifest.
func (Manifest) Kind() Kind { return KindManifest }

func isObject(d *input.Document) bool { return d.Root.Get("kind") != nil }

func manifestOf(d *input.Document, c Content) Attempt {
	return Manifest{Document: d, Namespace: c.Namespace}
}

// openManifests makes an attempt of each document.
func openManifests(c Content) ([]Attempt, error) {
	docs, err := input.Read(c.File, c.Body, c.Limits)
	if err != nil {
		return nil, err
	}
	out := make([]Attempt, len(docs))
	for i, d := range docs {
		out[i] = manifestOf(d, c)
	}
	return out, nil
}
