# Nodes are read only where the policy asks something of them.
package bulkhead.updates

checked contains {"in": node.path, "subject": ""} if some node in nodes
