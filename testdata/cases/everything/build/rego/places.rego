# Kinds that the policy names and whose objects may hold several pods. A path of
# such a kind is written as what lies between its *, each a list of fields; a *
# is every element of a list and every value of an object.
package bulkhead.everything

places_of(o) := ways_in(o.object, many_kinds[o.object.kind][o.group])

title_of(o, at) := sprintf("%v at %s", [titled(o.object), concat(".", [step_of(step) | some step in at])]) if {
	many_kinds[o.object.kind][o.group]
}

# Indexes are left out, so that what is said stays the same while elements move.
step_of(step) := step if is_string(step)

step_of(step) := "*" if is_number(step)

deny contains unreadable(o.path, "", sprintf("%s: it has no pod where the policy says that its kind has them", [titled(o.object)])) if {
	some o in objects
	held(namespace_of(o.object))
	count(ways_in(o.object, many_kinds[o.object.kind][o.group])) == 0
}

# Where the paths of a kind lead in an object. What is absent or null is no place;
# what is there and no pod is one, and is refused as such.
ways_in(item, paths) := {end.at |
	some path in paths
	some end in ends(item, path)
	end.value != null
}

# ends gives where one path leads.
ends(item, path) := [down(start_of(item), path[0])] if count(path) == 1

ends(item, path) := [down(a, path[1]) |
	some a in across(start_of(item), path[0])
] if {
	count(path) == 2
}

ends(item, path) := [down(b, path[2]) |
	some a in across(start_of(item), path[0])
	some b in across(a, path[1])
] if {
	count(path) == 3
}

ends(item, path) := [down(c, path[3]) |
	some a in across(start_of(item), path[0])
	some b in across(a, path[1])
	some c in across(b, path[2])
] if {
	count(path) == 4
}

start_of(item) := {"at": [], "value": item, "led": true}

# down follows fields from a place, as far as they are those of objects; led says
# whether that is all the way.
down(place, fields) := {"at": array.concat(place.at, way), "value": object.get(place.value, way, null), "led": count(way) == count(fields)} if {
	place.led
	count(fields) > 0
	is_object(place.value)
	stops := [n |
		some n in numbers.range(1, count(fields))
		not is_object(object.get(place.value, array.slice(fields, 0, n), null))
	]
	way := array.slice(fields, 0, min(array.concat(stops, [count(fields)])))
} else := place if {
	count(fields) == 0
} else := object.union(place, {"led": false})

# across gives the elements of what fields lead to; what has none stays as it is.
across(place, fields) := [{"at": array.concat(end.at, [key]), "value": value, "led": true} | some key, value in end.value] if {
	end := down(place, fields)
	end.led
	has_elements(end.value)
} else := [down(place, fields)]

has_elements(value) if is_array(value)

has_elements(value) if is_object(value)
