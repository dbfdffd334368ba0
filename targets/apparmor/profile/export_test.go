package profile

// AllowingAbstractions is for the test that reads them.
var AllowingAbstractions = allowingAbstractions
