// Package profile is what seccomp and AppArmor profiles have in common: which container has one, and how its pod names it.
package profile
