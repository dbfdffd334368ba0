# A check that fails is a warning: the run goes on.
check "resources_memory" {
  assert {
    condition     = !anytrue([for list in local.resources_memory : anytrue([for x in list : x.bad == true])])
    error_message = "resources.memory: ${join(", ", [for x in concat([], local.resources_memory...) : x.where if x.bad])}"
  }
}
