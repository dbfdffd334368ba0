package apparmor

// ParserVersion is the fact that profiles depend on.
var ParserVersion = parserVersion
