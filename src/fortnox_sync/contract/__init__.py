"""The contract as it is published: what the app says of itself, with an example of every body and answer."""
