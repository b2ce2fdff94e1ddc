"""What was published on the reform, and how far it can be trusted."""
