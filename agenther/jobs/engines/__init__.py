"""Where batches of logs are done: in processes of this machine, or on a cluster."""
