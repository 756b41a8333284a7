"""The ways to ask a model: by the openai package, by litellm, or from a script."""
