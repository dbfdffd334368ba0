terraform {
  # check blocks came with 1.5, mapped values in `terraform test` with 1.6
  required_version = ">= 1.6.0"
}
