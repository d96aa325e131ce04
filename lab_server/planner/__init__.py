"""The live floor's routing in simulated time: what would happen with other agents, other queues, other callers."""
