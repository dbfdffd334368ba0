policy "shop" {
  version    = "0.1.0"
  owner      = "platform team"
  namespaces = ["shop"]
}

extends "preset" { source = "bulkhead:restricted" }

workload "web" {
  match { labels = { app = "web" } }
}

flow "shoppers" {
  from  = peer.internet
  to    = workload.web
  ports = ["tcp/8080"]
}
