// Package address knows facts about IP addresses: which blocks are set aside for a special purpose, and which addresses are those of metadata
// services. One table of each is the only place where they are listed.
package address
