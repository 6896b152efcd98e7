"""The contract between the engine and its clients: typed frames with a version. No torch.

`knob` what can be turned · `commands` what can be asked · `state` how the run stands ·
`views` pictures as data · `frames` how all of it travels · `client` a blocking peer.
"""
