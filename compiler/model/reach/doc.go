// Package reach answers which connections network policies allow. A reader of some format fills the rules; this package knows neither the
// format nor who wrote the policies.
//
// The answers are three-valued: an end of a connection is described as far as it is known, and where an unknown label, address or port
// would decide, the answer is Unknown.
package reach
