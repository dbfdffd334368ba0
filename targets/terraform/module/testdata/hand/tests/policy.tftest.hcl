run "passes" {
  command = plan

  variables {
    resources = [
      { manifest = { apiVersion = "v1", kind = "Pod", metadata = { name = "api", namespace = "payments", labels = { app = "api" } }, spec = {
        securityContext = { runAsNonRoot = true }
        containers      = [{ name = "api", securityContext = { allowPrivilegeEscalation = false, capabilities = { drop = ["ALL"], add = ["NET_BIND_SERVICE"] } }, resources = { limits = { memory = "256Mi" } } }]
      } } },
    ]
  }
}

run "fails" {
  command = plan

  variables {
    resources = [
      { manifest = { apiVersion = "v1", kind = "Pod", metadata = { name = "api", namespace = "payments", labels = { app = "api" } }, spec = {
        hostNetwork = true
        containers  = [{ name = "api", securityContext = { privileged = true } }]
      } } },
    ]
  }

  expect_failures = [terraform_data.controls, check.resources_memory]
}
