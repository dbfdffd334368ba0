# What the policy everything refuses, where conftest looks for it.
package main

deny contains element if some element in data.bulkhead.everything.deny

warn contains element if some element in data.bulkhead.everything.warn

checked contains element if some element in data.bulkhead.everything.checked
