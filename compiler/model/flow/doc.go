// Package flow works out from a policy who may connect with whom: what the flows and the network controls leave to each kind of pod. It knows
// no format; targets for network plugins print it.
//
// Policies only allow, and what they allow adds up. So nothing is refused by a rule of its own: a pod is isolated, and every rule leaves out
// what a control of that pod refuses. Each control is a restriction by itself: a connection is allowed where none of the controls refuses it.
package flow
