"""Facts about products: codes, footprints, baselines, certificates. Knows nothing of people, points, HTTP or queues."""
