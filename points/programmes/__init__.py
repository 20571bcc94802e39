"""The city programme: tenant, policy, conversion rate, and who may act for it."""
