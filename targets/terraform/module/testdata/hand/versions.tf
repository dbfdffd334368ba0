terraform {
  # checks came with 1.5, `terraform test` in this form with 1.6
  required_version = ">= 1.6.0"
}
