package apparmor

// ParserVersion is the fact on which the rules depend that profiles may have.
var ParserVersion = parserVersion

// RuntimeLabels are the labels from which containers take signals.
var RuntimeLabels = runtimeLabels
