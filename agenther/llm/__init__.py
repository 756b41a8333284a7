"""Everything that speaks to a model; nothing else imports openai or litellm."""
