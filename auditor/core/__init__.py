"""The nouns of an audit: plain frozen values, no input or output, no torch."""
