# Compiled by Bulkhead from the policy everything 1.0.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-06-30: compile again by then.
# What it refuses stands here, where conftest looks for it.
package main

deny contains element if some element in data.bulkhead.everything.deny

warn contains element if some element in data.bulkhead.everything.warn

checked contains element if some element in data.bulkhead.everything.checked
