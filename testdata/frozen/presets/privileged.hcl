# The Pod Security Standards' "privileged": every control at its loosest. It is
# there to be extended by policies that close everything themselves.

policy "privileged" {
  version    = "1.0.0"
  owner      = "bulkhead"
  undeclared = "ceiling"
  delegate   = ["*"]
}
