# Compiled by Bulkhead from the policy policy 1.0.0; change the policy, not this file.
# What it refuses stands here, where conftest looks for it.
package main

deny contains element if some element in data.bulkhead.policy.deny

warn contains element if some element in data.bulkhead.policy.warn

checked contains element if some element in data.bulkhead.policy.checked
