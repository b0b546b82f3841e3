"""One file a config: the three steps from a fixed model to one that renews and promotes itself."""
