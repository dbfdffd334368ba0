// Package lang reads the policy language: HCL files become a policy.Document
// with every expression evaluated, the document becomes a resolved
// policy.Policy, and test blocks become attempts with what is expected of them.
//
// The order is that of dependence: files are parsed and block headers listed;
// then variables; then locals, depth first; then the names of workloads and
// peers; then the blocks themselves. All mistakes are reported in one run.
package lang
